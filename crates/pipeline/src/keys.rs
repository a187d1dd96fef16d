//! Keys of a telephone, put together to what they mean: a number that ends with `#` or a pause.

use crate::frame::Time;
use std::time::Duration;

/// Without another key for so long, that was all.
const PAUSE: Duration = Duration::from_secs(2);
/// No number is longer.
const MOST: usize = 32;

/// See the module.
#[derive(Debug, Default)]
pub struct Keys {
    pressed: String,
    due: Option<Time>,
}

impl Keys {
    /// A key. What all of them say, once it is complete: `[keys 1234]`.
    pub fn press(&mut self, key: char, now: Time) -> Option<String> {
        if key != '#' {
            self.pressed.push(key);
            self.due = Some(now + PAUSE);
        }
        match key == '#' || self.pressed.len() >= MOST {
            true => self.take(),
            false => None,
        }
    }

    /// When the pause is over.
    pub fn wake_at(&self) -> Option<Time> {
        self.due
    }

    /// What all of them say, when the pause is over.
    pub fn wake(&mut self, now: Time) -> Option<String> {
        self.due.filter(|due| *due <= now).and_then(|_| self.take())
    }

    fn take(&mut self) -> Option<String> {
        self.due = None;
        let pressed = std::mem::take(&mut self.pressed);
        (!pressed.is_empty()).then(|| format!("[keys {pressed}]"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::ms;

    #[test]
    fn a_number_ends_with_a_hash_or_a_pause() {
        let mut keys = Keys::default();
        assert_eq!(keys.press('4', ms(0)), None);
        assert_eq!(keys.press('2', ms(1500)), None);
        assert_eq!(keys.wake(ms(3000)), None);
        assert_eq!(keys.wake(ms(3500)).as_deref(), Some("[keys 42]"));
        assert_eq!(keys.press('7', ms(5000)), None);
        assert_eq!(keys.press('#', ms(5100)).as_deref(), Some("[keys 7]"));
        assert_eq!((keys.press('#', ms(5200)), keys.wake_at()), (None, None));
    }

    #[test]
    fn whoever_presses_for_ever_is_heard_now_and_then() {
        let mut keys = Keys::default();
        let heard = (0..100).filter_map(|_| keys.press('1', ms(0))).count();
        assert_eq!(heard, 3);
    }
}
