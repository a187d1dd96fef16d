//! What only one caller at a time may use, a few of them: sessions, with the buffers they need.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Items that callers borrow. Cheap to clone; clones share the items.
pub struct Pool<T> {
    items: Arc<[Mutex<T>]>,
    next: Arc<AtomicUsize>,
}

impl<T> Clone for Pool<T> {
    fn clone(&self) -> Self {
        Self {
            items: self.items.clone(),
            next: self.next.clone(),
        }
    }
}

impl<T> Pool<T> {
    /// As many items as there are callers at the same time, at least one.
    ///
    /// # Errors
    /// The first that `make` gives.
    pub fn of<E>(count: usize, mut make: impl FnMut() -> Result<T, E>) -> Result<Self, E> {
        let items: Result<Vec<_>, E> = (0..count.max(1)).map(|_| make().map(Mutex::new)).collect();
        Ok(Self {
            items: items?.into(),
            next: Arc::new(AtomicUsize::new(0)),
        })
    }

    /// One that is free; where none is, waits for the one whose turn it is. Blocks. An item whose
    /// last caller panicked is given out again.
    pub fn borrow(&self) -> MutexGuard<'_, T> {
        let turn = self.next.fetch_add(1, Ordering::Relaxed);
        let count = self.items.len();
        let item = |i: usize| &self.items[(turn + i) % count];
        (0..count)
            .find_map(|i| item(i).try_lock().ok())
            .unwrap_or_else(|| item(0).lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_free_is_given_out_first() {
        let mut made = 0;
        let pool = Pool::of(2, || {
            made += 1;
            Ok::<_, ()>(made)
        })
        .expect("two");
        let one = pool.borrow();
        for _ in 0..4 {
            assert_ne!(*pool.borrow(), *one);
        }
    }

    #[test]
    fn there_is_always_one_and_a_panic_does_not_lose_it() {
        let pool = Pool::of(0, || Ok::<_, ()>(7)).expect("one");
        let other = pool.clone();
        let broken = std::thread::spawn(move || {
            let _held = other.borrow();
            panic!("with the item in hand");
        });
        assert!(broken.join().is_err());
        assert_eq!(*pool.borrow(), 7);
    }
}
