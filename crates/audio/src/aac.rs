//! AAC's configuration, reduced to the low-complexity core that is decoded here.

/// Makes an AudioSpecificConfig (ISO 14496-3, 1.6.2.1) that announces HE-AAC into one for its
/// core: speech sits in the lower half of the spectrum, which the core carries at half the
/// rate. `None` when there is no such core.
pub(crate) fn core_config(config: &[u8]) -> Option<Box<[u8]>> {
    let mut bits = Bits {
        bytes: config,
        at: 0,
    };
    let mut object = bits.object_type()?;
    let rate = bits.rate()?;
    let channels = bits.take(4)?;
    // 5 is spectral band replication, 29 the same with parametric stereo.
    if object == 5 || object == 29 {
        bits.rate()?;
        object = bits.object_type()?;
    }
    let short_frames = bits.take(1)? == 1;
    if object != 2 || short_frames {
        return None;
    }
    let (index, explicit) = rate;
    let mut out = vec![0u8; if index == 15 { 5 } else { 2 }];
    let mut writer = 0;
    let fields = [
        (5, 2),
        (4, index),
        (if index == 15 { 24 } else { 0 }, explicit),
        (4, channels),
    ];
    for (width, value) in fields {
        for bit in (0..width).rev() {
            out[writer / 8] |= ((value >> bit & 1) as u8) << (7 - writer % 8);
            writer += 1;
        }
    }
    Some(out.into_boxed_slice())
}

struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, width: usize) -> Option<u32> {
        let mut value = 0;
        for _ in 0..width {
            let byte = *self.bytes.get(self.at / 8)?;
            value = value << 1 | u32::from(byte >> (7 - self.at % 8) & 1);
            self.at += 1;
        }
        Some(value)
    }

    fn object_type(&mut self) -> Option<u32> {
        match self.take(5)? {
            31 => Some(32 + self.take(6)?),
            object => Some(object),
        }
    }

    fn rate(&mut self) -> Option<(u32, u32)> {
        let index = self.take(4)?;
        Some((index, if index == 15 { self.take(24)? } else { 0 }))
    }
}

#[cfg(test)]
mod tests {
    use super::core_config;

    #[test]
    fn he_aac_is_announced_as_its_core() {
        // Object 5, core 22.05 kHz, stereo, extension 44.1 kHz, object 2.
        assert_eq!(
            core_config(&[0x2b, 0x92, 0x08, 0x00]).as_deref(),
            Some(&[0x13, 0x90][..])
        );
    }

    #[test]
    fn plain_aac_stays_as_it_is() {
        assert_eq!(
            core_config(&[0x12, 0x10]).as_deref(),
            Some(&[0x12, 0x10][..])
        );
        assert_eq!(
            core_config(&[0x12, 0x10, 0x56, 0xe5, 0x00]).as_deref(),
            Some(&[0x12, 0x10][..])
        );
    }

    #[test]
    fn a_cut_or_foreign_configuration_is_refused() {
        assert_eq!(core_config(&[]), None);
        assert_eq!(core_config(&[0x12]), None);
        assert_eq!(core_config(&[0xf8, 0xe6, 0x40]), None);
    }
}
