//! Puts pieces of sound in order: one that is missing is waited for as long as five others came.

use std::collections::BTreeMap;

/// Pieces that may wait for one: 100 ms.
const WAIT: usize = 5;

/// A piece: its timestamp and its bytes.
type Piece = (Option<u64>, Vec<u8>);

/// See the module.
#[derive(Debug, Default)]
pub struct Order {
    /// The piece that is due.
    next: Option<u64>,
    early: BTreeMap<u64, Piece>,
}

impl Order {
    /// A piece came; what can be heard now. One without a number is heard at once, one that is too
    /// late or came before is not heard at all.
    pub fn push(
        &mut self,
        chunk: Option<u64>,
        timestamp: Option<u64>,
        bytes: Vec<u8>,
    ) -> Vec<Piece> {
        let Some(chunk) = chunk else {
            return vec![(timestamp, bytes)];
        };
        let next = *self.next.get_or_insert(chunk);
        if chunk < next {
            return Vec::new();
        }
        self.early.insert(chunk, (timestamp, bytes));
        if self.early.len() > WAIT {
            self.next = self.early.keys().next().copied();
        }
        let mut due = Vec::new();
        while let Some(next) = self.next
            && let Some(piece) = self.early.remove(&next)
        {
            due.push(piece);
            self.next = Some(next.saturating_add(1));
        }
        due
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn heard(order: &mut Order, chunk: u64) -> Vec<u64> {
        let pieces = order.push(Some(chunk), Some(chunk), Vec::new());
        pieces.into_iter().filter_map(|(at, _)| at).collect()
    }

    #[test]
    fn a_piece_that_comes_late_is_waited_for() {
        let mut order = Order::default();
        assert_eq!(heard(&mut order, 1), [1]);
        assert!(heard(&mut order, 3).is_empty());
        assert_eq!(heard(&mut order, 2), [2, 3]);
        assert!(heard(&mut order, 2).is_empty(), "once is enough");
    }

    #[test]
    fn a_piece_that_does_not_come_is_given_up() {
        let mut order = Order::default();
        heard(&mut order, 1);
        for early in 3..8 {
            assert!(heard(&mut order, early).is_empty());
        }
        assert_eq!(heard(&mut order, 8), [3, 4, 5, 6, 7, 8]);
        assert!(heard(&mut order, 2).is_empty(), "too late");
    }

    proptest! {
        #[test]
        fn pieces_come_out_once_and_in_order(chunks in proptest::collection::vec(any::<u64>(), 0..200)) {
            let mut order = Order::default();
            let mut last = None;
            for chunk in chunks {
                for at in heard(&mut order, chunk) {
                    prop_assert!(last.is_none_or(|last| last < at));
                    last = Some(at);
                }
                prop_assert!(order.early.len() <= WAIT);
            }
        }

        #[test]
        fn pieces_a_little_out_of_order_all_come(swaps in proptest::collection::vec(any::<bool>(), 50)) {
            let mut chunks: Vec<u64> = (1..=51).collect();
            for (at, swap) in swaps.iter().enumerate().filter(|(at, _)| at % 2 == 1) {
                if *swap {
                    chunks.swap(at, at + 1);
                }
            }
            let mut order = Order::default();
            let all: Vec<u64> = chunks.iter().flat_map(|chunk| heard(&mut order, *chunk)).collect();
            prop_assert_eq!(all, (1..=51).collect::<Vec<u64>>());
        }
    }
}
