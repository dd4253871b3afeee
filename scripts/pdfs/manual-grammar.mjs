// What the station's manual can say: twelve chapters (one for each part of the station) times nine sections (what one
// does with it). A text in braces is filled from the chapter, from WORDS, or with a number: {n:3-9}.

export const CHAPTERS = [
  {
    name: 'Mast and guy wires',
    part: 'mast',
    pieces: ['base plate', 'lower tube', 'guy wire', 'turnbuckle', 'lightning rod'],
    reading: 'lean of the mast',
    unit: 'degrees',
  },
  {
    name: 'Rain gauge',
    part: 'rain gauge',
    pieces: ['funnel', 'tipping bucket', 'leaf screen', 'reed switch', 'drain tube'],
    reading: 'rainfall',
    unit: 'millimetres',
  },
  {
    name: 'Wind vane',
    part: 'wind vane',
    pieces: ['tail fin', 'spindle', 'north mark', 'dust cap', 'contact ring'],
    reading: 'wind direction',
    unit: 'degrees',
  },
  {
    name: 'Anemometer',
    part: 'anemometer',
    pieces: ['cup wheel', 'upper bearing', 'lower bearing', 'pulse magnet', 'cable gland'],
    reading: 'wind speed',
    unit: 'metres per second',
  },
  {
    name: 'Thermometer screen',
    part: 'thermometer screen',
    pieces: ['louvre stack', 'sensor rod', 'inner sleeve', 'roof plate', 'wasp mesh'],
    reading: 'air temperature',
    unit: 'tenths of a degree',
  },
  {
    name: 'Barometer',
    part: 'barometer',
    pieces: ['pressure port', 'membrane cell', 'desiccant bag', 'brass collar', 'altitude dial'],
    reading: 'air pressure',
    unit: 'hectopascals',
  },
  {
    name: 'Humidity probe',
    part: 'humidity probe',
    pieces: ['filter cap', 'polymer chip', 'probe head', 'salt capsule', 'plug seal'],
    reading: 'relative humidity',
    unit: 'per cent',
  },
  {
    name: 'Solar panel',
    part: 'solar panel',
    pieces: ['glass pane', 'tilt bracket', 'junction box', 'blocking diode', 'bird wire'],
    reading: 'charging current',
    unit: 'milliamperes',
  },
  {
    name: 'Battery box',
    part: 'battery box',
    pieces: ['cell tray', 'main fuse', 'vent plug', 'terminal strip', 'lid gasket'],
    reading: 'battery voltage',
    unit: 'hundredths of a volt',
  },
  {
    name: 'Data logger',
    part: 'data logger',
    pieces: ['memory card', 'clock module', 'keypad', 'display', 'service port'],
    reading: 'free memory',
    unit: 'kilobytes',
  },
  {
    name: 'Radio link',
    part: 'radio link',
    pieces: ['whip antenna', 'coaxial cable', 'surge arrester', 'modem board', 'antenna mount'],
    reading: 'signal strength',
    unit: 'decibels',
  },
  {
    name: 'Winter service',
    part: 'de-icing kit',
    pieces: ['heating band', 'thermostat', 'snow shoe', 'ice hammer', 'relay box'],
    reading: 'heater power',
    unit: 'watts',
  },
]

export const WORDS = {
  tool: [
    'a 10 mm spanner',
    'the long hex key',
    'the torque driver',
    'a wooden wedge',
    'blunt tweezers',
    'a feeler gauge',
  ],
  person: [
    'The second operator',
    'The person on the ladder',
    'Whoever holds the station log',
    'The station keeper',
    'A trained helper',
  ],
  weather: [
    'in drizzle',
    'on a still morning',
    'after the first frost',
    'in a dry east wind',
    'under a low sun',
    'before a thunderstorm',
    'in thick fog',
  ],
  place: [
    'on the workbench',
    'inside the van',
    'at the foot of the mast',
    'on the rubber mat',
    'in the lee of the hut',
  ],
  animal: ['earwigs', 'wrens', 'field mice', 'spiders', 'mason bees', 'curious goats', 'snails'],
  sign: [
    'a faint click',
    'a smell of warm dust',
    'a pale green film',
    'a hairline crack',
    'a dull scraping sound',
    'a drop of condensation',
    'a blinking amber lamp',
  ],
}

export const SECTIONS = [
  {
    title: 'unpacking and checking',
    lead: [
      'The {part} travels in crate {n:2-9}, wrapped in grey foam, and should be opened {place}.',
      'Every {part} has been run for {n:40-190} hours before it leaves the workshop, and its test slip lies under the {piece}.',
    ],
    steps: [
      'Compare the number stamped on the {piece} with the one on the test slip.',
      'Lift the {piece} out with both hands; it weighs {n:300-2900} grams and is easily scratched.',
      'Look along the {piece} against the light: {sign} means that it was dropped.',
      'Count the screws in the small bag; there must be {n:6-28}, two of them brass.',
      'Keep the foam, because a {part} that is sent back without it is not covered by the warranty.',
    ],
    close: ['{person} signs the delivery note only when the {piece} has been seen and touched.'],
  },
  {
    title: 'mounting',
    lead: [
      'Mount the {part} {weather} if you can, for the {piece} shrinks by {n:1-4} millimetres in cold air.',
      'The {part} needs {n:20-90} centimetres of free space on the side where the {piece} swings.',
    ],
    steps: [
      'Hold the {piece} in place with {tool} and turn the first screw by hand.',
      'Tighten in a cross pattern to {n:4-18} newton metres, then go round once more.',
      'Slide the {piece} over the pin until you hear {sign}.',
      'Leave {n:2-9} millimetres between the {piece} and the {piece}; the gap lets the water out.',
      '{person} checks the level from {n:5-20} paces away.',
      'Mark the finished joint with one dot of the white pencil.',
    ],
    close: ['A {part} that hums in the wind is not broken; its {piece} is tight and the {piece} is not.'],
  },
  {
    title: 'wiring',
    lead: [
      'Switch the station off and wait {n:2-9} minutes before you touch a lead of the {part}.',
      'The {part} uses {n:2-6} leads, and their colours differ from those of models built before the year 2014.',
    ],
    steps: [
      'Strip {n:4-12} millimetres of the insulation and twist the strands to the right.',
      'Push the brown lead into clamp {n:1-24} and pull at it gently.',
      'Run the cable below the {piece}, never across it, and fix it every {n:10-40} centimetres.',
      "Form a drip loop of one hand's width under the {piece}.",
      'Measure between the {piece} and earth with the yellow test lead: anything below {n:2-20} megohms is a fault.',
    ],
    close: ['Close the gland with two fingers only; a gland closed with {tool} lets water in within one winter.'],
  },
  {
    title: 'the first reading',
    lead: [
      'Ten minutes after the start the display shows the {reading} in {unit}.',
      'The first {reading} is kept apart in the log and never enters an average.',
    ],
    steps: [
      'Press the blue key {n:2-5} times until the line for the {part} appears.',
      'Compare with a hand instrument {weather}; up to {n:1-6} {unit} of difference is normal.',
      'Write both values, the hour and your initials on page {n:3-90} of the station log.',
      'Breathe on the {piece} once and watch that the value moves.',
      'If the line shows three dashes, take the {piece} off and begin again at section {here}.',
    ],
    close: ['A value that stands perfectly still for {n:20-50} minutes is more suspicious than one that jumps.'],
  },
  {
    title: 'the weekly check',
    lead: [
      'Once a week, always on the same day, walk round the {part} with open eyes before you touch anything.',
      'The weekly check of the {part} takes {n:3-14} minutes and needs nothing but {tool}.',
    ],
    steps: [
      'Wipe the {piece} with a dry cloth and look for {sign}.',
      'Remove leaves, seeds and {animal} from the {piece}.',
      'Turn the {piece} by a quarter and back; it must not grate.',
      'Read the {reading} aloud so that {person:lower} can write it down.',
      'Press the lid at all four corners and listen for {sign}.',
    ],
    close: ['If {animal} have moved in, wait until evening; they leave by themselves more often than one thinks.'],
  },
  {
    title: 'cleaning',
    lead: [
      'Clean the {part} twice a year, and once more after a dust storm or a hatch of midges.',
      'Rainwater cleans most of the {part}, yet never the underside of the {piece}.',
    ],
    steps: [
      'Take the {piece} off and lay it {place} with the bright side up.',
      'Soak it for {n:5-45} minutes in lukewarm water with {n:2-9} drops of neutral soap.',
      'Loosen the crust with a soft brush; do not use wire wool.',
      'Rinse until the water runs clear, then let the {piece} dry for {n:2-10} hours.',
      'Grease the thread with an amount no larger than a lentil.',
    ],
    close: ['Note the date inside the lid: a {part} cleaned too often wears faster than one left alone.'],
  },
  {
    title: 'calibration',
    lead: [
      'The {part} drifts by up to {n:1-9} {unit} in {n:12-36} months and is then calibrated against the travelling standard.',
      'Calibrate {weather} only if the {reading} has been steady for {n:2-8} hours.',
    ],
    steps: [
      'Fasten the travelling standard {n:20-80} centimetres from the {piece}.',
      'Take {n:8-30} pairs of readings, one each minute, and strike out the highest and the lowest.',
      'Set screw {n:1-4} with {tool} by no more than an eighth of a turn.',
      'Wait until the {reading} has settled; that takes {n:4-25} minutes.',
      '{person} repeats the last three pairs without knowing your values.',
      'Seal the screw with red varnish and enter certificate number {n:1000-9999}.',
    ],
    close: ['Two calibrations that disagree by more than {n:3-9} {unit} mean a damaged {piece}, not a bad day.'],
  },
  {
    title: 'finding faults',
    lead: [
      'Nine faults in ten sit in the {piece} or in the plug behind it.',
      'Before you suspect the {part}, exchange its cable with the spare one from drawer {n:2-12}.',
    ],
    steps: [
      'Code E{n:100-999} and {sign}: the {piece} is wet; dry it {place}.',
      'Code E{n:100-999} without a sound: the {piece} is loose by {n:1-3} turns.',
      'The {reading} is too high by a constant {n:2-30} {unit}: the {piece} was put on the wrong way round.',
      'The {reading} falls to zero every {n:2-12} hours: {animal} have nested on the shielding.',
      'Nothing helps: remove the {piece}, note its age, and ask for part FW9-{n:1000-9999}.',
    ],
    close: ['Write down what did not help as well; the next reader is grateful for it.'],
  },
  {
    title: 'storage and spare parts',
    lead: [
      'A {part} that is out of service for more than {n:5-16} weeks is stored dry, dark and lying on its side.',
      'Keep one {piece} and two of every seal for the {part} in the red box.',
    ],
    steps: [
      'Cap the {piece} and tie a paper label to the {piece}.',
      'Order the {piece} as part FW9-{n:1000-9999}, in packs of {n:2-12}.',
      'Turn the {piece} once every {n:3-11} weeks so that the grease does not settle.',
      'Store at {n:5-15} to {n:18-28} degrees and never beside paint.',
      'Throw away rubber that is older than {n:4-9} years even if it looks new.',
    ],
    close: ['An old {piece} may go with scrap metal, but the {piece} contains a magnet and must be handed in apart.'],
  },
]
