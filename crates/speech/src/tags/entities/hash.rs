//! The two hashes of the model: strings to ids, ids to rows of a table.

/// The id of a string: MurmurHash2 64A (Appleby 2008), seed 1.
pub(super) fn string(text: &str) -> u64 {
    const M: u64 = 0xc6a4_a793_5bd1_e995;
    let bytes = text.as_bytes();
    let mut hash = 1 ^ (bytes.len() as u64).wrapping_mul(M);
    let (words, tail) = bytes.as_chunks::<8>();
    for word in words {
        let mut k = u64::from_le_bytes(*word).wrapping_mul(M);
        k ^= k >> 47;
        hash = (hash ^ k.wrapping_mul(M)).wrapping_mul(M);
    }
    if !tail.is_empty() {
        let last = tail
            .iter()
            .rev()
            .fold(0_u64, |sum, &byte| sum << 8 | u64::from(byte));
        hash = (hash ^ last).wrapping_mul(M);
    }
    hash ^= hash >> 47;
    hash = hash.wrapping_mul(M);
    hash ^ hash >> 47
}

/// Four rows for an id: MurmurHash3 x64 128 (Appleby 2011) of its eight bytes.
pub(super) fn rows(id: u64, seed: u32) -> [u32; 4] {
    let mut a = id
        .wrapping_mul(0x87c3_7b91_1142_53d5)
        .rotate_left(31)
        .wrapping_mul(0x4cf5_ad43_2745_937f);
    a ^= u64::from(seed) ^ 8;
    let mut b = u64::from(seed) ^ 8;
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    a = mixed(a);
    b = mixed(b);
    a = a.wrapping_add(b);
    b = b.wrapping_add(a);
    [a as u32, (a >> 32) as u32, b as u32, (b >> 32) as u32]
}

fn mixed(mut k: u64) -> u64 {
    k = (k ^ k >> 33).wrapping_mul(0xff51_afd7_ed55_8ccd);
    k = (k ^ k >> 33).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    k ^ k >> 33
}

#[cfg(test)]
mod tests {
    /// Values of spaCy 3.8 and thinc 8.3.
    #[test]
    fn hashes_are_those_of_the_models_library() {
        assert_eq!(super::string("because"), 16_950_148_841_647_037_698);
        assert_eq!(super::string("é"), 16_256_712_947_286_012_828);
        assert_eq!(super::string("abcdefghijklm"), 13_504_229_086_146_104_177);
        assert_eq!(
            super::rows(1, 8),
            [1_161_550_108, 2_247_783_286, 1_742_325_162, 1_224_191_281]
        );
        let second = [1_667_439_576, 3_781_293_851, 353_675_716, 3_524_457_129];
        assert_eq!(super::rows(5_827_203_507_584_285_142, 8), second);
    }
}
