"""Cuts a font down to the characters of the example PDFs. Run it again after their texts have changed:

    python -m pip install fonttools
    python scripts/fonts/subset.py DejaVuSans.ttf scripts/fonts/dejavu-sans.subset.ttf
    python scripts/fonts/subset.py Mplus1-Regular.otf scripts/fonts/mplus-1.subset.ttf

A font with cubic outlines (.otf) is turned into TrueType outlines, the only kind that scripts/pdfs/truetype.mjs embeds.
"""

import pathlib
import sys

from fontTools.pens.cu2quPen import Cu2QuPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont, newTable

TEXTS = pathlib.Path(__file__).parent.parent / "pdfs" / "leaflets.mjs"


def main(source, target):
    font = TTFont(source, recalcTimestamp=False)
    wanted = set(map(ord, TEXTS.read_text("utf-8"))) | set(range(0x20, 0x7F)) | {ord("•")}
    options = Options(hinting=False, layout_features=[], glyph_names=False, notdef_outline=True)
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "kern", "FFTM", "DSIG", "VORG", "BASE", "vhea", "vmtx", "MATH", "gasp"]
    options.name_IDs = [0, 1, 2, 4, 5, 6, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=wanted)
    subsetter.subset(font)
    if "CFF " in font:
        use_quadratic_outlines(font)
    font.save(target)


def use_quadratic_outlines(font):
    glyphs = font.getGlyphSet()
    order = font.getGlyphOrder()
    font["loca"] = newTable("loca")
    font["glyf"] = glyf = newTable("glyf")
    glyf.glyphOrder = order
    glyf.glyphs = {}
    for name in order:
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(Cu2QuPen(pen, max_err=1.0, reverse_direction=True))
        glyf.glyphs[name] = pen.glyph()
    del font["CFF "]
    maxp = font["maxp"]
    maxp.tableVersion = 0x00010000
    for field in ("maxZones", "maxTwilightPoints", "maxStorage", "maxFunctionDefs", "maxInstructionDefs",
                  "maxStackElements", "maxSizeOfInstructions", "maxComponentElements"):
        setattr(maxp, field, 0)
    maxp.maxZones = 1
    font.sfntVersion = "\000\001\000\000"
    font["post"].formatType = 3.0
    font["head"].glyphDataFormat = 0
    for name in order:
        glyf.glyphs[name].recalcBounds(glyf)


if __name__ == "__main__":
    main(*sys.argv[1:])
