;; The insides of JSON texts, sixteen bytes at a time. src/core/text-bytes.ts copies a text into this memory and asks; what
;; the functions promise stands there. Compiled by scripts/wasm.mjs.
;;
;;       0   for each letter behind a backslash the character it stands for; 0: none
;;     256   for each hexadecimal digit its value and one; 0: it is none
;;    1024   what `unquote` tells
;;    4096   what is given (128 KiB), then what is made of it
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
  (func (export "textEnd") (param $at i32) (param $end i32) (result i32)
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
      (if (i32.ge_u (local.get $at) (local.get $end)) (then (return (local.get $at))))
      (local.set $letter (i32.load8_u (local.get $at)))
      (if (i32.ne (local.get $letter) (i32.const 92))
        (then
          (if (i32.or (i32.eq (local.get $letter) (i32.const 34)) (i32.lt_u (local.get $letter) (i32.const 32)))
            (then (return (local.get $at))))
          (local.set $at (i32.add (local.get $at) (i32.const 1)))
          (br $next)))
      (if (i32.ge_u (i32.add (local.get $at) (i32.const 1)) (local.get $end)) (then (return (local.get $at))))
      (local.set $letter (i32.load8_u offset=1 (local.get $at)))
      (if (i32.load8_u (local.get $letter))
        (then
          (local.set $at (i32.add (local.get $at) (i32.const 2)))
          (br $next)))
      (if (i32.ne (local.get $letter) (i32.const 117)) (then (return (local.get $at))))
      (if (i32.lt_s (call $hex (i32.add (local.get $at) (i32.const 2)) (local.get $end)) (i32.const 0))
        (then (return (local.get $at))))
      (local.set $at (i32.add (local.get $at) (i32.const 6)))
      (br $next))
    (unreachable))

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
    (unreachable)))
