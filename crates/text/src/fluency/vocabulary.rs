//! How varied the words are.

use std::collections::HashMap;

/// Words of the window, as in Covington and McFall 2010.
pub(super) const WINDOW: usize = 50;

/// Moving-average type-token ratio: the mean, over every window of 50 words, of the share of
/// different words in it. `None` where there are fewer words.
pub(super) fn moving_average_type_token_ratio(words: &[String]) -> Option<f64> {
    if words.len() < WINDOW {
        return None;
    }
    let mut counts: HashMap<&str, usize> = HashMap::new();
    let mut different = 0_usize;
    for (i, word) in words.iter().enumerate() {
        *counts.entry(word).or_default() += 1;
        if let Some(left) = i.checked_sub(WINDOW).map(|j| words[j].as_str())
            && let Some(count) = counts.get_mut(left)
        {
            *count -= 1;
            if *count == 0 {
                counts.remove(left);
            }
        }
        if i + 1 >= WINDOW {
            different += counts.len();
        }
    }
    let windows = words.len() - WINDOW + 1;
    Some(different as f64 / (windows * WINDOW) as f64)
}
