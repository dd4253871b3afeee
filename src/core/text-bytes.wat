;; The insides of JSON texts, sixteen bytes at a time. src/core/text-bytes.ts copies a text into this memory and asks; what
;; the functions promise stands there. Compiled by scripts/wasm.mjs.
;;
;;       0   for each letter behind a backslash the character it stands for; 0: none
;;     256   for each hexadecimal digit its value and one; 0: it is none
;;    1024   what `unquote` tells; from 1040 on what `readFrame` tells, up to 2048
;;    2048   the names of the objects that `isWritten` is in: where each begins, and its length with the quote behind it
;;    4096   what is given (128 KiB), then what is made of it, and at last the frames of lines
(module
  (memory (export "memory") 10)
  ;; Whether `unquote` met a character that is not ASCII: 0 where it did not.
  (global $high (mut i32) (i32.const 0))

  (data (i32.const 34) "\22")
  (data (i32.const 47) "/")
  (data (i32.const 92) "\5c")
  (data (i32.const 98) "\08")
  (data (i32.const 102) "\0c")
  (data (i32.const 110) "\0a")
  (data (i32.const 114) "\0d")
  (data (i32.const 116) "\09")
  (data (i32.const 304) "\01\02\03\04\05\06\07\08\09\0a")
  (data (i32.const 321) "\0b\0c\0d\0e\0f\10")
  (data (i32.const 353) "\0b\0c\0d\0e\0f\10")

  ;; The number of four hexadecimal digits; -1: they are none, or the text ends before.
  (func $hex (param $at i32) (param $end i32) (result i32)
    (local $a i32) (local $b i32) (local $c i32) (local $d i32)
    (if (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end)) (then (return (i32.const -1))))
    (local.set $a (i32.load8_u offset=256 (i32.load8_u (local.get $at))))
    (local.set $b (i32.load8_u offset=256 (i32.load8_u offset=1 (local.get $at))))
    (local.set $c (i32.load8_u offset=256 (i32.load8_u offset=2 (local.get $at))))
    (local.set $d (i32.load8_u offset=256 (i32.load8_u offset=3 (local.get $at))))
    (if
      (i32.or
        (i32.or (i32.eqz (local.get $a)) (i32.eqz (local.get $b)))
        (i32.or (i32.eqz (local.get $c)) (i32.eqz (local.get $d))))
      (then (return (i32.const -1))))
    (i32.or
      (i32.or
        (i32.shl (i32.sub (local.get $a) (i32.const 1)) (i32.const 12))
        (i32.shl (i32.sub (local.get $b) (i32.const 1)) (i32.const 8)))
      (i32.or
        (i32.shl (i32.sub (local.get $c) (i32.const 1)) (i32.const 4))
        (i32.sub (local.get $d) (i32.const 1)))))

  ;; Where reading from `at` on stops: at the quote that ends the text, at what no text may hold, or at the end of the bytes.
  ;;
  ;; Of sixteen bytes it is found at once which are escaped, as simdjson does: where a run of backslashes begins at an odd
  ;; place, adding the place to the run carries to the byte behind it.
  (func $textEnd (export "textEnd") (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $slashes i32) (local $stops i32) (local $escaped i32) (local $sum i32) (local $letter i32)
    ;; 1: the byte at $at is escaped by the one before it.
    (local $carry i32)
    (loop $next
      (block $few
        (loop $sixteen
          (br_if $few (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
          (local.set $bytes (v128.load (local.get $at)))
          (local.set $slashes (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92)))))
          (local.set $stops
            (i8x16.bitmask
              (v128.or
                (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
                (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32))))))
          (if (i32.or (local.get $slashes) (local.get $carry))
            (then
              (local.set $slashes (i32.and (local.get $slashes) (i32.xor (local.get $carry) (i32.const -1))))
              ;; What follows a backslash.
              (local.set $escaped (i32.or (i32.shl (local.get $slashes) (i32.const 1)) (local.get $carry)))
              (local.set $sum
                (i32.add (local.get $slashes)
                  (i32.and
                    (i32.and (local.get $slashes) (i32.const 0xaaaa))
                    (i32.xor (local.get $escaped) (i32.const -1)))))
              (local.set $escaped
                (i32.and
                  (i32.and
                    (local.get $escaped)
                    (i32.xor (i32.shl (local.get $sum) (i32.const 1)) (i32.const 0x5555)))
                  (i32.const 0xffff)))
              ;; Of letters: by their low half, and by their high one, which of " / \ b f n r t they may be.
              (br_if $few
                (i32.and (local.get $escaped)
                  (i8x16.bitmask
                    (i8x16.eq
                      (v128.and
                        (i8x16.swizzle
                          (v128.const i8x16 0 0 0x0d 0 0x08 0 0x04 0 0 0 0 0 0x02 0 0x04 0x01)
                          (v128.and (local.get $bytes) (i8x16.splat (i32.const 15))))
                        (i8x16.swizzle
                          (v128.const i8x16 0 0 0x01 0 0 0x02 0x04 0x08 0 0 0 0 0 0 0 0)
                          (i8x16.shr_u (local.get $bytes) (i32.const 4))))
                      (v128.const i64x2 0 0)))))
              (local.set $stops (i32.and (local.get $stops) (i32.xor (local.get $escaped) (i32.const -1))))
              (local.set $carry (i32.shr_u (local.get $sum) (i32.const 16)))))
          (if (local.get $stops)
            (then (return (i32.add (local.get $at) (i32.ctz (local.get $stops))))))
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $sixteen)))
      ;; One by one: at the end, and up to an escape that is none of these letters.
      (local.set $at (i32.sub (local.get $at) (local.get $carry)))
      (local.set $carry (i32.const 0))
      (loop $one
        (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $at))))
        (local.set $letter (i32.load8_u (local.get $at)))
        (if (i32.ne (local.get $letter) (i32.const 92))
          (then
            (if (i32.or (i32.eq (local.get $letter) (i32.const 34)) (i32.lt_u (local.get $letter) (i32.const 32)))
              (then (return (local.get $at))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $one)))
        (if (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end)) (then (return (local.get $at))))
        (local.set $letter (i32.load8_u offset=1 (local.get $at)))
        (if (i32.load8_u (local.get $letter))
          (then
            (local.set $at (i32.add (local.get $at) (i32.const 2)))
            (br $one)))
        (if (i32.ne (local.get $letter) (i32.const 117)) (then (return (local.get $at))))
        (if (i32.lt_s (call $hex (i32.add (local.get $at) (i32.const 2)) (local.get $end)) (i32.const 0))
          (then (return (local.get $at))))
        (local.set $at (i32.add (local.get $at) (i32.const 6)))
        (br $next)))
    (unreachable))

  ;; Whether the same bytes stand at two places; what lies behind them is read too.
  (func $same (param $a i32) (param $b i32) (param $length i32) (result i32)
    (local $differ i32)
    (block $last
      (loop $sixteen
        (local.set $differ
          (i32.xor (i32.const 0xffff)
            (i8x16.bitmask (i8x16.eq (v128.load (local.get $a)) (v128.load (local.get $b))))))
        (br_if $last (i32.le_u (local.get $length) (i32.const 16)))
        (if (local.get $differ) (then (return (i32.const 0))))
        (local.set $a (i32.add (local.get $a) (i32.const 16)))
        (local.set $b (i32.add (local.get $b) (i32.const 16)))
        (local.set $length (i32.sub (local.get $length) (i32.const 16)))
        (br $sixteen)))
    (i32.eqz
      (i32.and
        (local.get $differ)
        (i32.sub (i32.shl (i32.const 1) (local.get $length)) (i32.const 1)))))

  ;; Where a text without escapes ends; -1: it is none.
  (func $plainEnd (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $found i32)
    (loop $sixteen
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $bytes (v128.load (local.get $at)))
      (local.set $found
        (i8x16.bitmask
          (v128.or
            (v128.or
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
              (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92))))
            (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32))))))
      (if (i32.eqz (local.get $found))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 16)))
          (br $sixteen))))
    (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found))))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
    (select
      (local.get $at)
      (i32.const -1)
      (i32.eq (i32.load8_u (local.get $at)) (i32.const 34))))

  ;; Whether a line is one of a frame's, which is told at $frame: how many values there are; for each one what it is (0: it
  ;; is known, 1: a text without escapes, 2: a text, 3: a number), how many bytes stand before it, and these; how many stand
  ;; behind the last, and these. From 1040 on it is said of each value where it begins and ends, and the number.
  (func (export "readFrame") (param $at i32) (param $end i32) (param $frame i32) (result i32)
    (local $steps i32) (local $kind i32) (local $length i32) (local $told i32) (local $number i32) (local $digit i32)
    (local.set $steps (i32.load (local.get $frame)))
    (local.set $frame (i32.add (local.get $frame) (i32.const 4)))
    (local.set $told (i32.const 1040))
    (block $done
      (loop $next
        (br_if $done (i32.eqz (local.get $steps)))
        (local.set $steps (i32.sub (local.get $steps) (i32.const 1)))
        (local.set $kind (i32.load (local.get $frame)))
        (local.set $length (i32.load offset=4 (local.get $frame)))
        (local.set $frame (i32.add (local.get $frame) (i32.const 8)))
        (if (i32.gt_u (i32.add (local.get $at) (local.get $length)) (local.get $end)) (then (return (i32.const 0))))
        (if (i32.eqz (call $same (local.get $at) (local.get $frame) (local.get $length)))
          (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (local.get $length)))
        (local.set $frame (call $aligned (i32.add (local.get $frame) (local.get $length))))
        (i32.store (local.get $told) (local.get $at))
        (if (i32.eq (local.get $kind) (i32.const 1))
          (then
            (local.set $at (call $plainEnd (local.get $at) (local.get $end)))
            (if (i32.lt_s (local.get $at) (i32.const 0)) (then (return (i32.const 0))))))
        (if (i32.eq (local.get $kind) (i32.const 2))
          (then
            (local.set $at (call $textEnd (local.get $at) (local.get $end)))
            (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const 0))))
            (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 34)) (then (return (i32.const 0))))))
        (if (i32.eq (local.get $kind) (i32.const 3))
          (then
            (local.set $number (i32.const 0))
            (block $ended
              (loop $digits
                (br_if $ended (i32.ge_u (local.get $at) (local.get $end)))
                (local.set $digit (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)))
                (br_if $ended (i32.gt_u (local.get $digit) (i32.const 9)))
                (local.set $number
                  (i32.add (i32.mul (local.get $number) (i32.const 10)) (local.get $digit)))
                (local.set $at (i32.add (local.get $at) (i32.const 1)))
                (br $digits)))
            (local.set $length (i32.sub (local.get $at) (i32.load (local.get $told))))
            ;; More digits may be too many for 32 bits.
            (if (i32.gt_u (i32.sub (local.get $length) (i32.const 1)) (i32.const 8)) (then (return (i32.const 0))))
            (if
              (i32.and
                (i32.gt_u (local.get $length) (i32.const 1))
                (i32.eq (i32.load8_u (i32.load (local.get $told))) (i32.const 48)))
              (then (return (i32.const 0))))
            (i32.store offset=8 (local.get $told) (local.get $number))))
        (i32.store offset=4 (local.get $told) (local.get $at))
        (local.set $told (i32.add (local.get $told) (i32.const 12)))
        (br $next)))
    (local.set $length (i32.load (local.get $frame)))
    (if (i32.ne (i32.add (local.get $at) (local.get $length)) (local.get $end)) (then (return (i32.const 0))))
    (call $same (local.get $at) (i32.add (local.get $frame) (i32.const 4)) (local.get $length)))

  (func $aligned (param $at i32) (result i32)
    (i32.and (i32.add (local.get $at) (i32.const 3)) (i32.const -4)))

  ;; A character of up to three bytes.
  (func $put (param $to i32) (param $point i32) (result i32)
    (if (i32.lt_u (local.get $point) (i32.const 0x80))
      (then
        (i32.store8 (local.get $to) (local.get $point))
        (return (i32.add (local.get $to) (i32.const 1)))))
    (global.set $high (i32.const 1))
    (if (i32.lt_u (local.get $point) (i32.const 0x800))
      (then
        (i32.store8 (local.get $to) (i32.or (i32.const 0xc0) (i32.shr_u (local.get $point) (i32.const 6))))
        (i32.store8 offset=1 (local.get $to) (i32.or (i32.const 0x80) (i32.and (local.get $point) (i32.const 0x3f))))
        (return (i32.add (local.get $to) (i32.const 2)))))
    (i32.store8 (local.get $to) (i32.or (i32.const 0xe0) (i32.shr_u (local.get $point) (i32.const 12))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $point) (i32.const 6)) (i32.const 0x3f))))
    (i32.store8 offset=2 (local.get $to) (i32.or (i32.const 0x80) (i32.and (local.get $point) (i32.const 0x3f))))
    (i32.add (local.get $to) (i32.const 3)))

  ;; A character beyond the first 65,536, of the two halves that stand for it.
  (func $putPair (param $to i32) (param $first i32) (param $second i32) (result i32)
    (local $point i32)
    (global.set $high (i32.const 1))
    (local.set $point
      (i32.add (i32.const 0x10000)
        (i32.or
          (i32.shl (i32.and (local.get $first) (i32.const 0x3ff)) (i32.const 10))
          (i32.and (local.get $second) (i32.const 0x3ff)))))
    (i32.store8 (local.get $to) (i32.or (i32.const 0xf0) (i32.shr_u (local.get $point) (i32.const 18))))
    (i32.store8 offset=1 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $point) (i32.const 12)) (i32.const 0x3f))))
    (i32.store8 offset=2 (local.get $to)
      (i32.or (i32.const 0x80) (i32.and (i32.shr_u (local.get $point) (i32.const 6)) (i32.const 0x3f))))
    (i32.store8 offset=3 (local.get $to) (i32.or (i32.const 0x80) (i32.and (local.get $point) (i32.const 0x3f))))
    (i32.add (local.get $to) (i32.const 4)))

  ;; Writes what the escapes stand for and answers where that ends. At 1024: before what it stopped; at 1028: not 0, it met
  ;; characters that are not ASCII.
  (func (export "unquote") (param $at i32) (param $end i32) (param $to i32) (result i32)
    (local $bytes v128) (local $all v128) (local $found i32) (local $letter i32) (local $unit i32) (local $second i32)
    (global.set $high (i32.const 0))
    (block $done
      (loop $next
        (block $few
          (loop $sixteen
            (br_if $few (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
            (local.set $bytes (v128.load (local.get $at)))
            (v128.store (local.get $to) (local.get $bytes))
            (local.set $all (v128.or (local.get $all) (local.get $bytes)))
            (local.set $found (i8x16.bitmask (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92)))))
            (if (i32.eqz (local.get $found))
              (then
                (local.set $at (i32.add (local.get $at) (i32.const 16)))
                (local.set $to (i32.add (local.get $to) (i32.const 16)))
                (br $sixteen))))
          (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found))))
          (local.set $to (i32.add (local.get $to) (i32.ctz (local.get $found)))))
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (local.set $letter (i32.load8_u (local.get $at)))
        (if (i32.ne (local.get $letter) (i32.const 92))
          (then
            (i32.store8 (local.get $to) (local.get $letter))
            (global.set $high (i32.or (global.get $high) (i32.and (local.get $letter) (i32.const 0x80))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br $next)))
        (br_if $done (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end)))
        (local.set $letter (i32.load8_u offset=1 (local.get $at)))
        (if (i32.load8_u (local.get $letter))
          (then
            (i32.store8 (local.get $to) (i32.load8_u (local.get $letter)))
            (local.set $at (i32.add (local.get $at) (i32.const 2)))
            (local.set $to (i32.add (local.get $to) (i32.const 1)))
            (br $next)))
        (br_if $done (i32.ne (local.get $letter) (i32.const 117)))
        (local.set $unit (call $hex (i32.add (local.get $at) (i32.const 2)) (local.get $end)))
        (br_if $done (i32.lt_s (local.get $unit) (i32.const 0)))
        (if (i32.ne (i32.and (local.get $unit) (i32.const 0xf800)) (i32.const 0xd800))
          (then
            (local.set $to (call $put (local.get $to) (local.get $unit)))
            (local.set $at (i32.add (local.get $at) (i32.const 6)))
            (br $next)))
        ;; The first half of a pair, whose second has to follow.
        (br_if $done (i32.ge_u (local.get $unit) (i32.const 0xdc00)))
        (br_if $done (i32.gt_u (i32.add (local.get $at) (i32.const 12)) (local.get $end)))
        (br_if $done (i32.ne (i32.load16_u offset=6 align=1 (local.get $at)) (i32.const 0x755c)))
        (local.set $second (call $hex (i32.add (local.get $at) (i32.const 8)) (local.get $end)))
        (br_if $done (i32.lt_s (local.get $second) (i32.const 0)))
        (br_if $done (i32.ne (i32.and (local.get $second) (i32.const 0xfc00)) (i32.const 0xdc00)))
        (local.set $to (call $putPair (local.get $to) (local.get $unit) (local.get $second)))
        (local.set $at (i32.add (local.get $at) (i32.const 12)))
        (br $next)))
    (i32.store (i32.const 1024) (local.get $at))
    (i32.store (i32.const 1028) (i32.or (global.get $high) (i8x16.bitmask (local.get $all))))
    (local.get $to))

  ;; Writes UTF-8 as UTF-16 and answers where that ends; -1: it is no UTF-8.
  (func (export "widen") (param $at i32) (param $end i32) (param $to i32) (result i32)
    (local $bytes v128) (local $found i32) (local $first i32) (local $point i32) (local $more i32)
    (loop $next
      (block $few
        (loop $sixteen
          (br_if $few (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
          (local.set $bytes (v128.load (local.get $at)))
          (v128.store (local.get $to) (i16x8.extend_low_i8x16_u (local.get $bytes)))
          (v128.store offset=16 (local.get $to) (i16x8.extend_high_i8x16_u (local.get $bytes)))
          (local.set $found (i8x16.bitmask (local.get $bytes)))
          (if (i32.eqz (local.get $found))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (local.set $to (i32.add (local.get $to) (i32.const 32)))
              (br $sixteen))))
        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found))))
        (local.set $to (i32.add (local.get $to) (i32.shl (i32.ctz (local.get $found)) (i32.const 1)))))
      (loop $character
        (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $to))))
        (local.set $first (i32.load8_u (local.get $at)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (if (i32.lt_u (local.get $first) (i32.const 0x80))
          (then
            (i32.store16 (local.get $to) (local.get $first))
            (local.set $to (i32.add (local.get $to) (i32.const 2)))
            (br $next)))
        (if (i32.or (i32.lt_u (local.get $first) (i32.const 0xc2)) (i32.gt_u (local.get $first) (i32.const 0xf4)))
          (then (return (i32.const -1))))
        ;; How many bytes follow, and what the first says.
        (local.set $more
          (i32.add (i32.const 1)
            (i32.add
              (i32.ge_u (local.get $first) (i32.const 0xe0))
              (i32.ge_u (local.get $first) (i32.const 0xf0)))))
        (if (i32.gt_u (i32.add (local.get $at) (local.get $more)) (local.get $end)) (then (return (i32.const -1))))
        (local.set $point (i32.and (local.get $first) (i32.shr_u (i32.const 0x3f) (local.get $more))))
        (local.set $found (local.get $more))
        (loop $follower
          (if (i32.ne (i32.and (i32.load8_u (local.get $at)) (i32.const 0xc0)) (i32.const 0x80))
            (then (return (i32.const -1))))
          (local.set $point
            (i32.or
              (i32.shl (local.get $point) (i32.const 6))
              (i32.and (i32.load8_u (local.get $at)) (i32.const 0x3f))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (local.set $found (i32.sub (local.get $found) (i32.const 1)))
          (br_if $follower (local.get $found)))
        (if (i32.lt_u (local.get $point) (i32.const 0x10000))
          (then
            (if
              (i32.or
                (i32.and (i32.eq (local.get $more) (i32.const 2)) (i32.lt_u (local.get $point) (i32.const 0x800)))
                (i32.or
                  (i32.eq (local.get $more) (i32.const 3))
                  (i32.eq (i32.and (local.get $point) (i32.const 0xf800)) (i32.const 0xd800))))
              (then (return (i32.const -1))))
            (i32.store16 (local.get $to) (local.get $point))
            (local.set $to (i32.add (local.get $to) (i32.const 2)))
            (br $character)))
        (if (i32.gt_u (local.get $point) (i32.const 0x10ffff)) (then (return (i32.const -1))))
        (local.set $point (i32.sub (local.get $point) (i32.const 0x10000)))
        (i32.store16 (local.get $to) (i32.or (i32.const 0xd800) (i32.shr_u (local.get $point) (i32.const 10))))
        (i32.store16 offset=2 (local.get $to)
          (i32.or (i32.const 0xdc00) (i32.and (local.get $point) (i32.const 0x3ff))))
        (local.set $to (i32.add (local.get $to) (i32.const 4)))
        (br $character)))
    (unreachable))

  ;; Whether a text is the very JSON that JSON.stringify makes of its value; 0 also for rare ones of which that is not sure.
  (func (export "isWritten") (param $at i32) (param $end i32) (result i32)
    (i32.eq (call $value (local.get $at) (local.get $end) (i32.const 0) (i32.const 2048)) (local.get $end)))

  ;; Where a value ends that is written so; -1: it is not. Names of the objects around it lie from 2048 to before $names.
  (func $value (param $at i32) (param $end i32) (param $depth i32) (param $names i32) (result i32)
    (local $byte i32)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
    (local.set $byte (i32.load8_u (local.get $at)))
    (if (i32.eq (local.get $byte) (i32.const 34))
      (then (return (call $string (i32.add (local.get $at) (i32.const 1)) (local.get $end)))))
    (if (i32.gt_u (local.get $depth) (i32.const 64)) (then (return (i32.const -1))))
    (if (i32.eq (local.get $byte) (i32.const 123))
      (then
        (return
          (call $object (i32.add (local.get $at) (i32.const 1)) (local.get $end)
            (i32.add (local.get $depth) (i32.const 1)) (local.get $names)))))
    (if (i32.eq (local.get $byte) (i32.const 91))
      (then
        (return
          (call $list (i32.add (local.get $at) (i32.const 1)) (local.get $end)
            (i32.add (local.get $depth) (i32.const 1)) (local.get $names)))))
    (if (i32.gt_u (i32.add (local.get $at) (i32.const 4)) (local.get $end))
      (then (return (call $number (local.get $at) (local.get $end)))))
    ;; true, null, false, as numbers.
    (if
      (i32.or
        (i32.eq (i32.load align=1 (local.get $at)) (i32.const 0x65757274))
        (i32.eq (i32.load align=1 (local.get $at)) (i32.const 0x6c6c756e)))
      (then (return (i32.add (local.get $at) (i32.const 4)))))
    (if (i32.eq (i32.load align=1 (local.get $at)) (i32.const 0x736c6166))
      (then
        (if (i32.ge_u (i32.add (local.get $at) (i32.const 4)) (local.get $end)) (then (return (i32.const -1))))
        (if (i32.ne (i32.load8_u offset=4 (local.get $at)) (i32.const 101)) (then (return (i32.const -1))))
        (return (i32.add (local.get $at) (i32.const 5)))))
    (call $number (local.get $at) (local.get $end)))

  ;; Behind the quote of a text whose first byte is at $at.
  (func $string (param $at i32) (param $end i32) (result i32)
    (local $bytes v128) (local $found i32) (local $letter i32)
    (loop $next
      (block $few
        (loop $sixteen
          (br_if $few (i32.gt_u (i32.add (local.get $at) (i32.const 16)) (local.get $end)))
          (local.set $bytes (v128.load (local.get $at)))
          (local.set $found
            (i8x16.bitmask
              (v128.or
                (v128.or
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 34)))
                  (i8x16.eq (local.get $bytes) (i8x16.splat (i32.const 92))))
                (i8x16.lt_u (local.get $bytes) (i8x16.splat (i32.const 32))))))
          (if (i32.eqz (local.get $found))
            (then
              (local.set $at (i32.add (local.get $at) (i32.const 16)))
              (br $sixteen))))
        (local.set $at (i32.add (local.get $at) (i32.ctz (local.get $found)))))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $letter (i32.load8_u (local.get $at)))
      (if (i32.eq (local.get $letter) (i32.const 34)) (then (return (i32.add (local.get $at) (i32.const 1)))))
      (if (i32.lt_u (local.get $letter) (i32.const 32)) (then (return (i32.const -1))))
      (if (i32.ne (local.get $letter) (i32.const 92))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      ;; Of the escapes those with a letter are written so, but for the slash; those with a number only for some.
      (if (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end)) (then (return (i32.const -1))))
      (local.set $letter (i32.load8_u offset=1 (local.get $at)))
      (if (i32.or (i32.eqz (i32.load8_u (local.get $letter))) (i32.eq (local.get $letter) (i32.const 47)))
        (then (return (i32.const -1))))
      (local.set $at (i32.add (local.get $at) (i32.const 2)))
      (br $next))
    (unreachable))

  (func $digits (param $at i32) (param $end i32) (result i32)
    (block $done
      (loop $next
        (br_if $done (i32.ge_u (local.get $at) (local.get $end)))
        (br_if $done
          (i32.gt_u (i32.sub (i32.load8_u (local.get $at)) (i32.const 48)) (i32.const 9)))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next)))
    (local.get $at))

  ;; Numbers of up to 15 digits without an exponent, which a double holds exactly.
  (func $number (param $at i32) (param $end i32) (result i32)
    (local $isNegative i32) (local $from i32) (local $isZero i32) (local $count i32)
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 45))
      (then
        (local.set $isNegative (i32.const 1))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))))
    (local.set $from (local.get $at))
    (local.set $at (call $digits (local.get $at) (local.get $end)))
    (local.set $count (i32.sub (local.get $at) (local.get $from)))
    (if (i32.eqz (local.get $count)) (then (return (i32.const -1))))
    (local.set $isZero (i32.eq (i32.load8_u (local.get $from)) (i32.const 48)))
    (if (i32.and (local.get $isZero) (i32.gt_u (local.get $count) (i32.const 1))) (then (return (i32.const -1))))
    (if (i32.lt_u (local.get $at) (local.get $end))
      (then
        (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 46))
          (then
            (local.set $from (i32.add (local.get $at) (i32.const 1)))
            (local.set $at (call $digits (local.get $from) (local.get $end)))
            (if (i32.eq (local.get $at) (local.get $from)) (then (return (i32.const -1))))
            ;; No zero stands at the end, and what is small has an exponent.
            (if (i32.eq (i32.load8_u (i32.sub (local.get $at) (i32.const 1))) (i32.const 48))
              (then (return (i32.const -1))))
            (if
              (i32.and
                (i32.and (local.get $isZero) (i32.eq (i32.load8_u (local.get $from)) (i32.const 48)))
                (i32.gt_u (i32.sub (local.get $at) (local.get $from)) (i32.const 6)))
              (then (return (i32.const -1))))
            (local.set $count (i32.add (local.get $count) (i32.sub (local.get $at) (local.get $from))))
            (local.set $isZero (i32.const 0))))
        (if (i32.lt_u (local.get $at) (local.get $end))
          (then
            (if (i32.eq (i32.or (i32.load8_u (local.get $at)) (i32.const 32)) (i32.const 101))
              (then (return (i32.const -1))))))))
    (if (i32.and (local.get $isNegative) (local.get $isZero)) (then (return (i32.const -1))))
    (if (i32.gt_u (local.get $count) (i32.const 15)) (then (return (i32.const -1))))
    (local.get $at))

  (func $list (param $at i32) (param $end i32) (param $depth i32) (param $names i32) (result i32)
    (local $byte i32)
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 93))
      (then (return (i32.add (local.get $at) (i32.const 1)))))
    (loop $next
      (local.set $at (call $value (local.get $at) (local.get $end) (local.get $depth) (local.get $names)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 93)) (then (return (local.get $at))))
      (br_if $next (i32.eq (local.get $byte) (i32.const 44))))
    (i32.const -1))

  (func $object (param $at i32) (param $end i32) (param $depth i32) (param $names i32) (result i32)
    (local $byte i32) (local $first i32) (local $name i32)
    (local.set $first (local.get $names))
    (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
    (if (i32.eq (i32.load8_u (local.get $at)) (i32.const 125))
      (then (return (i32.add (local.get $at) (i32.const 1)))))
    (loop $next
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 34)) (then (return (i32.const -1))))
      (local.set $name (i32.add (local.get $at) (i32.const 1)))
      (local.set $at (call $string (local.get $name) (local.get $end)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      ;; Names that are numbers are put in another order.
      (if (i32.le_u (i32.sub (i32.load8_u (local.get $name)) (i32.const 48)) (i32.const 9))
        (then (return (i32.const -1))))
      (if (i32.ge_u (local.get $names) (i32.const 4096)) (then (return (i32.const -1))))
      (i32.store (local.get $names) (local.get $name))
      (i32.store offset=4 (local.get $names) (i32.sub (local.get $at) (local.get $name)))
      (if (call $isKnown (local.get $first) (local.get $names)) (then (return (i32.const -1))))
      (local.set $names (i32.add (local.get $names) (i32.const 8)))
      (if (i32.ne (i32.load8_u (local.get $at)) (i32.const 58)) (then (return (i32.const -1))))
      (local.set $at
        (call $value (i32.add (local.get $at) (i32.const 1)) (local.get $end) (local.get $depth) (local.get $names)))
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (i32.const -1))))
      (local.set $byte (i32.load8_u (local.get $at)))
      (local.set $at (i32.add (local.get $at) (i32.const 1)))
      (if (i32.eq (local.get $byte) (i32.const 125)) (then (return (local.get $at))))
      (br_if $next (i32.eq (local.get $byte) (i32.const 44))))
    (i32.const -1))

  ;; Whether the last name of an object stands among those before it.
  (func $isKnown (param $other i32) (param $last i32) (result i32)
    (local $length i32) (local $at i32) (local $a i32) (local $b i32)
    (local.set $length (i32.load offset=4 (local.get $last)))
    (local.set $a (i32.load (local.get $last)))
    (block $none
      (loop $next
        (br_if $none (i32.ge_u (local.get $other) (local.get $last)))
        (block $differs
          (br_if $differs (i32.ne (i32.load offset=4 (local.get $other)) (local.get $length)))
          (local.set $b (i32.load (local.get $other)))
          (local.set $at (i32.const 0))
          (loop $byte
            (if (i32.ge_u (local.get $at) (local.get $length)) (then (return (i32.const 1))))
            (br_if $differs
              (i32.ne
                (i32.load8_u (i32.add (local.get $a) (local.get $at)))
                (i32.load8_u (i32.add (local.get $b) (local.get $at)))))
            (local.set $at (i32.add (local.get $at) (i32.const 1)))
            (br $byte)))
        (local.set $other (i32.add (local.get $other) (i32.const 8)))
        (br $next)))
    (i32.const 0)))
