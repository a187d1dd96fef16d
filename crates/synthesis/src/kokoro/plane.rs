//! Channels over time, as the graphs pass them on.

use std::ops::Range;

/// `[channels, length]`, row-major: one row a channel.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Plane {
    channels: usize,
    length: usize,
    values: Vec<f32>,
}

impl Plane {
    /// Rows of equal length, one after the other; what does not fill a row is cut off.
    pub fn new(channels: usize, mut values: Vec<f32>) -> Self {
        let length = values.len() / channels.max(1);
        values.truncate(channels * length);
        Self {
            channels,
            length,
            values,
        }
    }

    /// Rows.
    pub fn channels(&self) -> usize {
        self.channels
    }

    /// Values of a row.
    pub fn length(&self) -> usize {
        self.length
    }

    /// All rows, one after the other.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// One row after the other.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.length.max(1))
    }

    /// A part of every row; what lies beyond the end is left out.
    pub fn window(&self, range: Range<usize>) -> Self {
        let end = range.end.min(self.length);
        let start = range.start.min(end);
        let mut values = Vec::with_capacity(self.channels * (end - start));
        for row in self.rows() {
            values.extend_from_slice(&row[start..end]);
        }
        Self {
            channels: self.channels,
            length: end - start,
            values,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Plane;

    #[test]
    fn a_window_cuts_every_row_and_stops_at_the_end() {
        let plane = Plane::new(2, vec![0.0, 1.0, 2.0, 10.0, 11.0, 12.0]);
        assert_eq!(plane.window(1..9).values(), [1.0, 2.0, 11.0, 12.0]);
        assert_eq!(plane.window(7..9).length(), 0);
    }
}
