//! Little-endian numbers of any width at any bit, as KenLM packs them.
//!
//! Reading past the end gives zero bits: callers check sections against the file once, and a
//! damaged file must not be able to do more than give a wrong score.

/// The eight bytes at `at`.
pub(crate) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    match at.checked_add(8).and_then(|end| bytes.get(at..end)) {
        Some(eight) => u64::from_le_bytes(eight.try_into().expect("eight bytes were taken")),
        None => 0,
    }
}

/// The four bytes at `at`.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    match at.checked_add(4).and_then(|end| bytes.get(at..end)) {
        Some(four) => u32::from_le_bytes(four.try_into().expect("four bytes were taken")),
        None => 0,
    }
}

/// The float at `at`.
pub(crate) fn f32_at(bytes: &[u8], at: usize) -> f32 {
    f32::from_bits(u32_at(bytes, at))
}

/// `width` (at most 57) bits, `bit` bits after byte `base`.
pub(crate) fn bits_at(bytes: &[u8], base: usize, bit: u64, width: u8) -> u64 {
    let byte = usize::try_from(bit >> 3).unwrap_or(usize::MAX);
    let word = u64_at(bytes, base.saturating_add(byte));
    (word >> (bit & 7)) & mask(width)
}

/// Writes what [`bits_at`] reads; the bits must be zero, and eight bytes from there on exist.
pub(crate) fn put_bits(bytes: &mut [u8], base: usize, bit: u64, value: u64) {
    let at = base + usize::try_from(bit >> 3).expect("the buffer is in memory");
    let word = u64_at(bytes, at) | (value << (bit & 7));
    bytes[at..at + 8].copy_from_slice(&word.to_le_bytes());
}

/// Bits needed for numbers up to `max`; none for zero.
pub(crate) fn required(max: u64) -> u8 {
    u8::try_from(u64::BITS - max.leading_zeros()).expect("at most 64")
}

/// That many ones.
pub(crate) fn mask(width: u8) -> u64 {
    1u64.checked_shl(width.into()).unwrap_or(0).wrapping_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_put_is_read() {
        let mut bytes = vec![0; 80];
        for i in 0..10u64 {
            put_bits(&mut bytes, 1, i * 53, 0x0012_3456_789a_bcde ^ i);
        }
        for i in 0..10u64 {
            assert_eq!(bits_at(&bytes, 1, i * 53, 53), 0x0012_3456_789a_bcde ^ i);
        }
    }

    #[test]
    fn beyond_the_end_there_are_zeros() {
        assert_eq!(u64_at(&[255; 8], 1), 0);
        assert_eq!(bits_at(&[255; 8], usize::MAX, u64::MAX, 57), 0);
    }

    #[test]
    fn widths_are_those_of_the_biggest_number() {
        assert_eq!([0, 1, 2, 255, 256].map(required), [0, 1, 2, 8, 9]);
        assert_eq!(required(u64::MAX), 64);
        assert_eq!(mask(64), u64::MAX);
    }
}
