//! Where the sound of two clocks belongs in one file.
//!
//! Our own ticks are the file's clock. The caller's sound is placed by its own count of samples, so
//! that packets that come late or in bursts still land where they belong; only when the two clocks
//! have run apart for long is the caller's count set anew.

use crate::frame::Sound;
use std::collections::VecDeque;

/// See the module.
pub struct Timeline {
    /// Caller and we, from `base` on.
    frames: VecDeque<[i16; 2]>,
    base: u64,
    /// Up to where our own sound came.
    ours: u64,
    /// What is added to the caller's count; none before the first of it.
    offset: Option<i64>,
    /// Frames of the caller in a row that were far off.
    astray: u32,
    /// Late packets still find their place within this.
    window: u64,
    apart: i64,
}

/// Frames in a row after which the clocks have run apart: a second.
const ASTRAY: u32 = 50;

impl Timeline {
    /// At a rate, samples a second.
    pub fn new(rate: u32) -> Self {
        Timeline {
            frames: VecDeque::new(),
            base: 0,
            ours: 0,
            offset: None,
            astray: 0,
            window: u64::from(rate) / 2,
            apart: i64::from(rate) / 5,
        }
    }

    /// Places sound of ours.
    pub fn ours(&mut self, sound: &Sound) {
        self.place(sound.at, &sound.samples, 1);
        self.ours = self.ours.max(sound.at + sound.samples.len() as u64);
    }

    /// Places sound of the caller.
    pub fn caller(&mut self, sound: &Sound) {
        let at = i64::try_from(sound.at).unwrap_or(i64::MAX / 2);
        let now = i64::try_from(self.ours).unwrap_or(i64::MAX / 2);
        let anew = now - at;
        let offset = match self.offset {
            // Both clocks begin with the call, unless they obviously do not.
            None if anew.abs() <= self.apart => 0,
            None => anew,
            Some(offset) => {
                let is_astray = (at + offset - now).abs() > self.apart;
                self.astray = if is_astray { self.astray + 1 } else { 0 };
                match self.astray >= ASTRAY {
                    true => anew,
                    false => offset,
                }
            }
        };
        if self.offset != Some(offset) {
            self.astray = 0;
        }
        self.offset = Some(offset);
        if let Ok(at) = u64::try_from(at + offset) {
            // A count far ahead of the call is not believed before it lasts.
            if at < self.ours + 2 * self.window {
                self.place(at, &sound.samples, 0);
            }
        }
    }

    /// Adds what is complete to `out`, which is emptied, as interleaved samples.
    pub fn take(&mut self, out: &mut Vec<i16>) {
        let until = self.ours.saturating_sub(self.window);
        self.take_until(until, out);
    }

    /// The rest.
    pub fn take_rest(&mut self, out: &mut Vec<i16>) {
        self.take_until(self.base + self.frames.len() as u64, out);
    }

    fn take_until(&mut self, until: u64, out: &mut Vec<i16>) {
        out.clear();
        let ready = until.saturating_sub(self.base);
        let ready = usize::try_from(ready).unwrap_or(usize::MAX);
        out.extend(self.frames.drain(..ready.min(self.frames.len())).flatten());
        self.base += out.len() as u64 / 2;
    }

    fn place(&mut self, at: u64, samples: &[i16], channel: usize) {
        for (position, sample) in (at..).zip(samples) {
            let Some(index) = position.checked_sub(self.base) else {
                continue; // Too late.
            };
            let Ok(index) = usize::try_from(index) else {
                continue;
            };
            if index >= self.frames.len() {
                self.frames.resize(index + 1, [0, 0]);
            }
            self.frames[index][channel] = *sample;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8_000;
    const FRAME: u64 = 160;

    fn sound(at: u64, value: i16) -> Sound {
        Sound {
            samples: vec![value; FRAME as usize].into(),
            at,
        }
    }

    /// A call of so many ticks; `caller` gives what comes from the caller at each.
    fn recorded(ticks: u64, caller: impl Fn(u64) -> Vec<Sound>) -> Vec<[i16; 2]> {
        let (mut timeline, mut all, mut ready) = (Timeline::new(RATE), Vec::new(), Vec::new());
        for tick in 0..ticks {
            caller(tick).iter().for_each(|sound| timeline.caller(sound));
            timeline.ours(&sound(tick * FRAME, 1));
            timeline.take(&mut ready);
            all.extend_from_slice(&ready);
        }
        timeline.take_rest(&mut ready);
        all.extend_from_slice(&ready);
        all.chunks(2).map(|pair| [pair[0], pair[1]]).collect()
    }

    #[test]
    fn late_and_swapped_packets_land_where_they_belong() {
        // Packets come in pairs, the second first, 40 ms late.
        let all = recorded(100, |tick| match tick % 2 {
            1 if tick > 2 => [tick - 2, tick - 3]
                .map(|at| sound(at * FRAME, at as i16))
                .to_vec(),
            _ => Vec::new(),
        });
        for at in 0..90 {
            let index = (at * FRAME + 80) as usize;
            assert_eq!(all[index], [at as i16, 1], "packet {at}");
        }
    }

    #[test]
    fn what_is_missing_is_silence_and_moves_nothing() {
        let all = recorded(100, |tick| match tick % 10 == 5 {
            true => Vec::new(),
            false => vec![sound(tick * FRAME, 7)],
        });
        assert_eq!(all.len(), 100 * FRAME as usize);
        assert_eq!(all[5 * FRAME as usize + 1], [0, 1]);
        assert_eq!(all[6 * FRAME as usize + 1], [7, 1]);
    }

    #[test]
    fn clocks_that_run_apart_are_set_anew() {
        // A second that the caller's clock does not count.
        let all = recorded(300, |tick| {
            let at = if tick < 100 { tick } else { tick - 50 };
            vec![sound(at * FRAME, if tick == 299 { 9 } else { 7 })]
        });
        let last = all.iter().rposition(|pair| pair[0] == 9).unwrap();
        assert!(last + 2 * FRAME as usize >= all.len(), "{last}");
    }

    #[test]
    fn a_count_from_anywhere_begins_with_the_call() {
        let all = recorded(50, |tick| vec![sound(1_000_000 + tick * FRAME, 7)]);
        assert!(all.len() <= 51 * FRAME as usize);
        assert_eq!(all[10 * FRAME as usize][0], 7);
    }

    proptest::proptest! {
        #[test]
        fn no_count_makes_it_grow_without_bounds(counts in proptest::collection::vec(proptest::num::u64::ANY, 1..200)) {
            let ticks = counts.len() as u64;
            let all = recorded(ticks, |tick| vec![sound(counts[tick as usize], 7)]);
            proptest::prop_assert!(all.len() as u64 <= ticks * FRAME + 2 * u64::from(RATE));
        }
    }
}
