//! Puts packets of a stream back into the order in which they were sent, and says which are lost.

use std::collections::BTreeMap;
use std::time::Duration;

/// A packet that is missing is waited for this long after the one behind it has come.
pub(super) const HOLD: Duration = Duration::from_millis(60);
/// Packets that wait at most; the oldest goes on when there are more.
const MOST: usize = 25;
/// A jump of more than this is another stream, not a loss: half a minute of packets.
const JUMP: i64 = 1500;

/// Restores the order of numbered things. Time is the caller's.
#[derive(Debug)]
pub(super) struct Reorder<T> {
    /// The number that comes next, once there was one; counted on past 65535.
    next: Option<i64>,
    waiting: BTreeMap<i64, (T, Duration)>,
    /// Things that came too late.
    pub late: u64,
}

/// The next thing in order.
#[derive(Debug, PartialEq)]
pub(super) struct Next<T> {
    /// How many are missing before it.
    pub missing: u64,
    /// It.
    pub item: T,
}

impl<T> Reorder<T> {
    pub fn new() -> Self {
        Reorder {
            next: None,
            waiting: BTreeMap::new(),
            late: 0,
        }
    }

    /// Takes a thing with the lower 16 bits of its number.
    pub fn push(&mut self, number: u16, item: T, now: Duration) {
        let Some(next) = self.next else {
            self.waiting.insert(number.into(), (item, now));
            self.next = Some(number.into());
            return;
        };
        let off = i64::from(number.wrapping_sub(next as u16).cast_signed());
        if off.abs() > JUMP {
            self.waiting.clear();
            self.next = None;
            return self.push(number, item, now);
        }
        if off < 0 {
            self.late += 1;
            return;
        }
        self.waiting.entry(next + off).or_insert((item, now));
    }

    /// The next thing, if it is its turn or what is before it has been waited for long enough.
    pub fn pop(&mut self, now: Duration) -> Option<Next<T>> {
        let next = self.next?;
        let (&first, (_, arrived)) = self.waiting.first_key_value()?;
        let is_due = first == next || now >= *arrived + HOLD || self.waiting.len() > MOST;
        if !is_due {
            return None;
        }
        let (item, _) = self.waiting.remove(&first)?;
        self.next = Some(first + 1);
        Some(Next {
            missing: (first - next).cast_unsigned(),
            item,
        })
    }

    /// When [`Reorder::pop`] has something although nothing more comes.
    pub fn due(&self) -> Option<Duration> {
        let (_, arrived) = self.waiting.first_key_value()?.1;
        Some(*arrived + HOLD)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn drained(reorder: &mut Reorder<u16>, now: Duration) -> Vec<(u64, u16)> {
        std::iter::from_fn(|| reorder.pop(now))
            .map(|next| (next.missing, next.item))
            .collect()
    }

    #[test]
    fn what_overtakes_waits_for_what_it_overtook() {
        let mut reorder = Reorder::new();
        reorder.push(65535, 65535, Duration::ZERO);
        reorder.push(1, 1, Duration::ZERO);
        assert_eq!(drained(&mut reorder, Duration::ZERO), [(0, 65535)]);
        reorder.push(0, 0, Duration::from_millis(10));
        assert_eq!(
            drained(&mut reorder, Duration::from_millis(10)),
            [(0, 0), (0, 1)]
        );
    }

    #[test]
    fn what_does_not_come_is_lost_after_a_while() {
        let mut reorder = Reorder::new();
        reorder.push(7, 7, Duration::ZERO);
        reorder.push(10, 10, Duration::ZERO);
        assert_eq!(drained(&mut reorder, Duration::ZERO), [(0, 7)]);
        assert_eq!(reorder.due(), Some(HOLD));
        assert_eq!(drained(&mut reorder, HOLD), [(2, 10)]);
        reorder.push(8, 8, HOLD);
        assert_eq!(drained(&mut reorder, HOLD * 2), []);
        assert_eq!(reorder.late, 1);
    }

    proptest! {
        /// Whatever comes, in whatever order: things leave in order, none twice.
        #[test]
        fn order_is_restored(start: u16, swaps in prop::collection::vec((0_u16..200, 0_u64..3), 0..200)) {
            let mut reorder = Reorder::new();
            let mut now = Duration::ZERO;
            let mut last = None;
            for (offset, steps) in swaps {
                now += Duration::from_millis(20 * steps);
                reorder.push(start.wrapping_add(offset), offset, now);
                while let Some(next) = reorder.pop(now) {
                    // What comes before the very first is late, so the first sets the floor.
                    prop_assert!(last.is_none_or(|last| last < next.item));
                    last = Some(next.item);
                }
                prop_assert!(reorder.waiting.len() <= MOST);
            }
        }

        #[test]
        fn any_numbers_are_taken(numbers in prop::collection::vec(any::<u16>(), 0..500)) {
            let mut reorder = Reorder::new();
            for (at, number) in numbers.into_iter().enumerate() {
                let now = Duration::from_millis(at as u64);
                reorder.push(number, number, now);
                while reorder.pop(now).is_some() {}
                prop_assert!(reorder.waiting.len() <= MOST);
            }
        }
    }
}
