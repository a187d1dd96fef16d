//! From source channels to the channels asked for, with bad samples made harmless.

/// Which channels come out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ChannelMode {
    /// One: the mean of all.
    #[default]
    Mix,
    /// As many as the source has.
    Separate,
}

/// Floating-point sources may exceed full scale; beyond 12 dB of headroom it is damage.
const HEADROOM: f32 = 4.0;

/// Not-a-number and infinity become silence, the rest stays within the headroom.
#[inline]
pub(crate) fn sane(sample: f32) -> f32 {
    if sample.is_finite() {
        sample.clamp(-HEADROOM, HEADROOM)
    } else {
        0.0
    }
}

/// Makes `planes` (one vector a channel, equal lengths) into `lanes` output channels:
/// one lane is the mean, otherwise channel by channel; lanes without a source repeat a mono
/// source or stay silent (a chained stream may change its layout midway).
pub(crate) fn into_lanes(planes: &mut Vec<Vec<f32>>, lanes: usize, mode: ChannelMode) {
    for plane in planes.iter_mut() {
        plane.iter_mut().for_each(|sample| *sample = sane(*sample));
    }
    let frames = planes.first().map_or(0, Vec::len);
    if mode == ChannelMode::Mix {
        if planes.len() > 1 {
            let scale = 1.0 / planes.len() as f32;
            let (mono, others) = planes.split_at_mut(1);
            for other in others.iter() {
                for (sum, sample) in mono[0].iter_mut().zip(other) {
                    *sum += sample;
                }
            }
            mono[0].iter_mut().for_each(|sum| *sum *= scale);
            planes.truncate(1);
        }
    } else if planes.len() != lanes {
        let filler = if planes.len() == 1 {
            planes[0].clone()
        } else {
            vec![0.0; frames]
        };
        planes.resize(lanes, filler);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stereo_becomes_the_mean() {
        let mut planes = vec![vec![1.0, 0.5], vec![0.0, -0.5]];
        into_lanes(&mut planes, 1, ChannelMode::Mix);
        assert_eq!(planes, vec![vec![0.5, 0.0]]);
    }

    #[test]
    fn separate_channels_stay_apart_and_keep_their_number() {
        let mut planes = vec![vec![1.0], vec![0.25]];
        into_lanes(&mut planes, 2, ChannelMode::Separate);
        assert_eq!(planes, vec![vec![1.0], vec![0.25]]);
        let mut mono = vec![vec![0.5]];
        into_lanes(&mut mono, 2, ChannelMode::Separate);
        assert_eq!(mono, vec![vec![0.5], vec![0.5]]);
    }

    #[test]
    fn samples_that_are_no_numbers_become_silence() {
        let mut planes = vec![vec![
            f32::NAN,
            f32::INFINITY,
            f32::NEG_INFINITY,
            1e30,
            -1e30,
            0.5,
        ]];
        into_lanes(&mut planes, 1, ChannelMode::Mix);
        assert_eq!(planes[0], vec![0.0, 0.0, 0.0, HEADROOM, -HEADROOM, 0.5]);
    }
}
