//! G.711: the mu-law and A-law companding of telephone audio (ITU-T G.711, 1988).

const fn mulaw_value(code: u8) -> i16 {
    let code = !code;
    let magnitude = ((((code & 0x0f) as i16) << 3) + 0x84) << ((code >> 4) & 7);
    if code & 0x80 != 0 {
        0x84 - magnitude
    } else {
        magnitude - 0x84
    }
}

const fn alaw_value(code: u8) -> i16 {
    let code = code ^ 0x55;
    let exponent = (code >> 4) & 7;
    let mantissa = ((code & 0x0f) as i16) << 4;
    let magnitude = match exponent {
        0 => mantissa + 8,
        _ => (mantissa + 0x108) << (exponent - 1),
    };
    if code & 0x80 != 0 {
        magnitude
    } else {
        -magnitude
    }
}

const fn table(alaw: bool) -> [i16; 256] {
    let mut values = [0; 256];
    let mut code = 0;
    while code < 256 {
        values[code] = if alaw {
            alaw_value(code as u8)
        } else {
            mulaw_value(code as u8)
        };
        code += 1;
    }
    values
}

static MULAW: [i16; 256] = table(false);
static ALAW: [i16; 256] = table(true);

/// The 16-bit sample of one mu-law byte.
#[inline]
pub fn decode_mulaw(code: u8) -> i16 {
    MULAW[code as usize]
}

/// The 16-bit sample of one A-law byte.
#[inline]
pub fn decode_alaw(code: u8) -> i16 {
    ALAW[code as usize]
}

/// The mu-law byte nearest to a 16-bit sample.
pub fn encode_mulaw(sample: i16) -> u8 {
    const BIAS: i32 = 0x84;
    const CLIP: i32 = 32635;
    let sign = if sample < 0 { 0x80u8 } else { 0 };
    let magnitude = (sample as i32).abs().min(CLIP) + BIAS;
    // The bias puts the highest set bit at 7 or above.
    let exponent = (31 - magnitude.leading_zeros()) as i32 - 7;
    let mantissa = (magnitude >> (exponent + 3)) & 0x0f;
    !(sign | ((exponent as u8) << 4) | mantissa as u8)
}

/// The A-law byte nearest to a 16-bit sample.
pub fn encode_alaw(sample: i16) -> u8 {
    let sign = if sample >= 0 { 0x80u8 } else { 0 };
    let magnitude = if sample < 0 {
        -(sample as i32) - 1
    } else {
        sample as i32
    };
    let code = if magnitude < 256 {
        (magnitude >> 4) as u8
    } else {
        let exponent = (31 - magnitude.leading_zeros()) as i32 - 7;
        ((exponent as u8) << 4) | ((magnitude >> (exponent + 3)) & 0x0f) as u8
    };
    (code | sign) ^ 0x55
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_codes_give_the_values_of_the_standard() {
        for (code, value) in [
            (0xff, 0),
            (0x7f, 0),
            (0x80, 32124),
            (0x00, -32124),
            (0xf0, 120),
            (0xce, 988),
        ] {
            assert_eq!(decode_mulaw(code), value, "mu-law {code:#x}");
        }
        for (code, value) in [
            (0xd5, 8),
            (0x55, -8),
            (0xaa, 32256),
            (0x2a, -32256),
            (0x80, 5504),
        ] {
            assert_eq!(decode_alaw(code), value, "A-law {code:#x}");
        }
    }

    #[test]
    fn every_code_survives_a_round_trip() {
        for code in 0..=255u8 {
            assert_eq!(encode_alaw(decode_alaw(code)), code);
            // 0x7f is mu-law's negative zero; the encoder writes the positive one.
            let expected = if code == 0x7f { 0xff } else { code };
            assert_eq!(encode_mulaw(decode_mulaw(code)), expected);
        }
    }

    #[test]
    fn the_error_stays_within_half_a_step() {
        for sample in i16::MIN..=i16::MAX {
            let step = ((sample as i32).abs() / 16).max(16);
            let mulaw = decode_mulaw(encode_mulaw(sample)) as i32;
            let alaw = decode_alaw(encode_alaw(sample)) as i32;
            assert!(
                (mulaw - sample as i32).abs() <= step.max(644),
                "mu-law {sample} {mulaw}"
            );
            assert!(
                (alaw - sample as i32).abs() <= step.max(512),
                "A-law {sample} {alaw}"
            );
        }
    }
}
