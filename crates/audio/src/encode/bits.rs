//! Bits, most significant first, and the checksums of FLAC and Ogg.

/// Collects bits into bytes.
#[derive(Default)]
pub struct BitWriter {
    bytes: Vec<u8>,
    /// Bits not yet in `bytes`, at the low end.
    pending: u64,
    count: u32,
}

impl BitWriter {
    /// The low `bits` bits of `value`; at most 32.
    pub fn put(&mut self, value: u32, bits: u32) {
        if bits == 0 {
            return;
        }
        let mask = u64::MAX >> (64 - bits);
        self.pending = self.pending << bits | u64::from(value) & mask;
        self.count += bits;
        while self.count >= 8 {
            self.count -= 8;
            self.bytes.push((self.pending >> self.count) as u8);
        }
    }

    /// So many zeros and a one.
    pub fn unary(&mut self, zeros: u32) {
        let mut left = zeros;
        while left >= 32 {
            self.put(0, 32);
            left -= 32;
        }
        self.put(1, left + 1);
    }

    /// Fills the last byte with zeros.
    pub fn align(&mut self) {
        if self.count > 0 {
            self.put(0, 8 - self.count);
        }
    }

    /// Whole bytes so far.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The bytes.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// CRC-8 of FLAC's frame headers (RFC 9639, section 9.1.8).
pub fn crc8(bytes: &[u8]) -> u8 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ byte, |crc: u8, _| {
            crc << 1 ^ if crc & 0x80 != 0 { 0x07 } else { 0 }
        })
    })
}

/// CRC-16 of FLAC's frames (RFC 9639, section 9.3).
pub fn crc16(bytes: &[u8]) -> u16 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u16::from(*byte) << 8, |crc: u16, _| {
            crc << 1 ^ if crc & 0x8000 != 0 { 0x8005 } else { 0 }
        })
    })
}

/// CRC-32 of Ogg's pages (RFC 3533, section 6).
pub fn crc32(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << 24, |crc: u32, _| {
            crc << 1
                ^ if crc & 0x8000_0000 != 0 {
                    0x04c1_1db7
                } else {
                    0
                }
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn checksums_are_those_of_their_catalogues() {
        assert_eq!(crc8(b"123456789"), 0xf4);
        assert_eq!(crc16(b"123456789"), 0xfee8);
        assert_eq!(crc32(b"123456789"), 0x89a1_897f);
    }

    #[test]
    fn bits_come_out_in_the_order_they_went_in() {
        let mut bits = BitWriter::default();
        bits.put(0b101, 3);
        bits.unary(40);
        bits.put(0xffff_ffff, 32);
        bits.align();
        assert_eq!(bits.bytes()[..6], [0b1010_0000, 0, 0, 0, 0, 0b0001_1111]);
        assert_eq!(bits.into_bytes().len(), 10);
    }
}
