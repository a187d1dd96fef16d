//! A look at a Vorbis setup header before the decoder: code books may be written in a few
//! bytes and unfold to gigabytes, so their total is counted first (Vorbis I, section 3.2.1).

/// Values all code books may unfold to. Those of real encoders stay under a million.
const MAX_VALUES: u64 = 4 << 20;
/// Entries of all code books together; real encoders stay under a hundred thousand.
const MAX_ENTRIES: u64 = 1 << 20;

/// Whether the code books of the setup header (anywhere in `headers`) stay within reason.
pub(crate) fn is_sane(headers: &[u8]) -> bool {
    let Some(at) = headers
        .windows(7)
        .position(|window| window == b"\x05vorbis")
    else {
        return false;
    };
    count(&headers[at + 7..]).is_some()
}

fn count(setup: &[u8]) -> Option<()> {
    let mut bits = Bits {
        bytes: setup,
        at: 0,
    };
    let books = bits.take(8)? + 1;
    let (mut all_entries, mut all_values) = (0, 0);
    for _ in 0..books {
        if bits.take(24)? != 0x56_4342 {
            return None;
        }
        let dimensions = bits.take(16)?;
        let entries = bits.take(24)?;
        all_entries += entries;
        if all_entries > MAX_ENTRIES {
            return None;
        }
        skip_lengths(&mut bits, entries)?;
        let lookup = bits.take(4)?;
        if lookup == 0 {
            continue;
        }
        all_values += entries * dimensions;
        if all_values > MAX_VALUES {
            return None;
        }
        bits.skip(64)?;
        let width = bits.take(4)? + 1;
        bits.skip(1)?;
        let values = if lookup == 1 {
            root(entries, dimensions)
        } else {
            entries * dimensions
        };
        bits.skip(values * width)?;
    }
    Some(())
}

/// Passes over the lengths of the code words.
fn skip_lengths(bits: &mut Bits<'_>, entries: u64) -> Option<()> {
    if bits.take(1)? == 0 {
        if bits.take(1)? == 0 {
            return bits.skip(entries * 5);
        }
        for _ in 0..entries {
            if bits.take(1)? == 1 {
                bits.skip(5)?;
            }
        }
        return Some(());
    }
    bits.skip(5)?;
    let mut seen = 0;
    // At most 32 lengths; one more may be empty.
    for _ in 0..34 {
        if seen >= entries {
            break;
        }
        seen += bits.take(64 - u64::leading_zeros(entries - seen))?;
    }
    (seen == entries).then_some(())
}

/// The largest number whose `dimensions`-th power is at most `entries`.
fn root(entries: u64, dimensions: u64) -> u64 {
    let fits = |value: u64| {
        let mut power = 1u64;
        (0..dimensions).all(|_| {
            power = power.saturating_mul(value);
            power <= entries
        })
    };
    if dimensions == 0 || entries == 0 {
        return 0;
    }
    (1..=entries)
        .take_while(|value| fits(*value))
        .last()
        .unwrap_or(0)
}

/// Bits, least significant first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: u64,
}

impl Bits<'_> {
    fn take(&mut self, width: u32) -> Option<u64> {
        let mut value = 0;
        for bit in 0..width {
            let byte = *self.bytes.get((self.at / 8) as usize)?;
            value |= u64::from(byte >> (self.at % 8) & 1) << bit;
            self.at += 1;
        }
        Some(value)
    }

    fn skip(&mut self, width: u64) -> Option<()> {
        self.at += width;
        (self.at <= self.bytes.len() as u64 * 8).then_some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Writes `(value, width)` pairs, least significant bit first.
    fn pack(fields: &[(u64, u32)]) -> Vec<u8> {
        let mut out = vec![
            0u8;
            fields
                .iter()
                .map(|field| field.1 as usize)
                .sum::<usize>()
                .div_ceil(8)
        ];
        let mut at = 0;
        for (value, width) in fields {
            for bit in 0..*width {
                out[at / 8] |= ((value >> bit & 1) as u8) << (at % 8);
                at += 1;
            }
        }
        out
    }

    /// A book of 131072 entries of equal length and 32 dimensions in 21 bytes: 16 MB each.
    fn bomb(books: usize) -> Vec<u8> {
        let mut fields = vec![(books as u64 - 1, 8)];
        for _ in 0..books {
            fields.extend([
                (0x56_4342, 24),
                (32, 16),
                (1 << 17, 24),
                (1, 1),
                (16, 5),
                (1 << 17, 18),
                (1, 4),
            ]);
            fields.extend([(0, 32), (0, 32), (0, 4), (0, 1), (0, 1)]);
        }
        [b"\x05vorbis".to_vec(), pack(&fields)].concat()
    }

    #[test]
    fn a_book_that_unfolds_is_counted_unfolded() {
        assert!(is_sane(&bomb(1)));
        assert!(!is_sane(&bomb(2)));
        assert!(!is_sane(&bomb(200)));
    }

    #[test]
    fn headers_without_setup_are_refused() {
        assert!(!is_sane(b"\x01vorbis"));
        assert!(!is_sane(b"\x05vorbis"));
    }
}
