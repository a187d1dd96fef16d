//! Which part of a file is asked for (RFC 9110, section 14).

/// What to send.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// All of it.
    Whole,
    /// Bytes `start` up to but without `end`.
    Bytes {
        /// The first.
        start: u64,
        /// After the last.
        end: u64,
    },
    /// Nothing of it is there.
    Outside,
}

/// Reads `Range` for a file of `length` bytes. What is not one range of bytes counts as if it had
/// not been sent, as the RFC allows.
pub fn part(header: Option<&str>, length: u64) -> Part {
    let spec = header.and_then(|header| {
        let (unit, spec) = header.split_once('=')?;
        let (first, last) = spec.trim().split_once('-')?;
        let single = unit.trim().eq_ignore_ascii_case("bytes") && !spec.contains(',');
        single.then_some((first.trim(), last.trim()))
    });
    let Some((first, last)) = spec else {
        return Part::Whole;
    };
    match (number(first), number(last)) {
        // `-500`: the last 500.
        (None, Some(suffix)) if first.is_empty() => match suffix.min(length) {
            0 => Part::Outside,
            suffix => Part::Bytes {
                start: length - suffix,
                end: length,
            },
        },
        (Some(start), None) if last.is_empty() => between(start, length, length),
        (Some(start), Some(last)) if last >= start => {
            between(start, last.saturating_add(1), length)
        }
        _ => Part::Whole,
    }
}

fn between(start: u64, end: u64, length: u64) -> Part {
    match start < length {
        true => Part::Bytes {
            start,
            end: end.min(length),
        },
        false => Part::Outside,
    }
}

/// Digits only; a number too large for the type is as good as the largest.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_the_rfc_says() {
        let bytes = |start, end| Part::Bytes { start, end };
        let cases = [
            ("bytes=0-0", bytes(0, 1)),
            ("bytes=0-", bytes(0, 10)),
            ("bytes=9-", bytes(9, 10)),
            ("bytes=2-4", bytes(2, 5)),
            ("bytes=2-400", bytes(2, 10)),
            ("Bytes = 2 - 4", bytes(2, 5)),
            ("bytes=-3", bytes(7, 10)),
            ("bytes=-30", bytes(0, 10)),
            ("bytes=0-99999999999999999999999", bytes(0, 10)),
            ("bytes=10-", Part::Outside),
            ("bytes=10-12", Part::Outside),
            ("bytes=-0", Part::Outside),
            ("bytes=99999999999999999999999-", Part::Outside),
            ("bytes=4-2", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=a-b", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=0-1", Part::Whole),
            ("bytes", Part::Whole),
            ("", Part::Whole),
        ];
        for (header, wanted) in cases {
            assert_eq!(part(Some(header), 10), wanted, "{header}");
        }
        assert_eq!(part(None, 10), Part::Whole);
        assert_eq!(part(Some("bytes=0-"), 0), Part::Outside);
    }
}
