//! Arrays from NumPy's `.npz`: a zip of `.npy` files (NumPy Enhancement Proposal 1), here of
//! little-endian f32 in C order only.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use zip::ZipArchive;

use crate::SynthesisError;

/// No array of ours is a tenth as long; a damaged file must not take all memory.
const LONGEST: u64 = 32 << 20;

/// An open `.npz`.
pub(super) struct Npz<'a> {
    path: &'a Path,
    zip: ZipArchive<File>,
}

impl<'a> Npz<'a> {
    /// Opens the file at `path`.
    pub fn open(path: &'a Path) -> Result<Self, SynthesisError> {
        let bad = |reason: String| SynthesisError::ModelFile {
            path: path.to_owned(),
            reason,
        };
        let file = File::open(path).map_err(|error| bad(error.to_string()))?;
        let zip = ZipArchive::new(file).map_err(|error| bad(error.to_string()))?;
        Ok(Self { path, zip })
    }

    /// The values of the array `name`, in C order, which must be of this shape.
    pub fn array(&mut self, name: &str, shape: &[usize]) -> Result<Vec<f32>, SynthesisError> {
        let mut bytes = Vec::new();
        let entry = self.zip.by_name(&format!("{name}.npy"));
        let read = entry.map_err(|error| error.to_string()).and_then(|entry| {
            let read = entry.take(LONGEST).read_to_end(&mut bytes);
            read.map_err(|error| error.to_string())
        });
        read.and_then(|_| values(&bytes, shape))
            .map_err(|reason| SynthesisError::ModelFile {
                path: self.path.to_owned(),
                reason: format!("{name}: {reason}"),
            })
    }
}

/// The content of a `.npy`: magic, version, length of the header, header, values.
fn values(bytes: &[u8], shape: &[usize]) -> Result<Vec<f32>, String> {
    let rest = bytes.strip_prefix(b"\x93NUMPY").ok_or("not an array")?;
    let (length, rest) = match rest {
        [1, _, a, b, rest @ ..] => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        [2 | 3, _, a, b, c, d, rest @ ..] => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return Err("a version of the format that is not known".to_owned()),
    };
    let (header, values) = rest.split_at_checked(length).ok_or("it ends early")?;
    let header = String::from_utf8_lossy(header);
    let sizes: Vec<String> = shape.iter().map(ToString::to_string).collect();
    let sizes = match sizes.as_slice() {
        [one] => format!("({one},)"),
        more => format!("({})", more.join(", ")),
    };
    for (key, wanted) in [
        ("descr", "'<f4'"),
        ("fortran_order", "False"),
        ("shape", &sizes),
    ] {
        if !header.contains(&format!("'{key}': {wanted}")) {
            return Err(format!("its {key} is not {wanted}: {}", header.trim()));
        }
    }
    let (numbers, odd) = values.as_chunks::<4>();
    if numbers.len() != shape.iter().product::<usize>() || !odd.is_empty() {
        return Err(format!("{} bytes of values", values.len()));
    }
    Ok(numbers
        .iter()
        .map(|bytes| f32::from_le_bytes(*bytes))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::values;

    #[test]
    fn damaged_arrays_are_refused() {
        let mut good = b"\x93NUMPY\x01\x00\x3c\x00".to_vec();
        good.extend(
            format!(
                "{:<60}",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }"
            )
            .bytes(),
        );
        good.extend([0, 0, 128, 63, 0, 0, 0, 64]);
        assert_eq!(values(&good, &[2]).as_deref(), Ok([1.0, 2.0].as_slice()));
        assert!(values(&good, &[3]).is_err());
        for end in 0..good.len() {
            assert!(values(&good[..end], &[2]).is_err(), "{end}");
        }
    }
}
