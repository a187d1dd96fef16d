//! The links of the chain, a file each, in the order of the API reference.

mod assistant_aggregator;
mod audio_buffer;
mod audio_humanizer;
mod backchannel;
mod closing_phrase;
mod emotion_adaptive;
mod llm;
mod number_pronouncer;
mod output;
mod silence_watchdog;
mod smart_endpointer;
mod tts;
mod user_aggregator;
mod whissle_stt;

pub use assistant_aggregator::AssistantAggregator;
pub use audio_buffer::AudioBuffer;
pub use audio_humanizer::AudioHumanizer;
pub use backchannel::Backchannel;
pub use closing_phrase::ClosingPhrase;
pub use emotion_adaptive::EmotionAdaptive;
pub use llm::LlmProcessor;
pub use number_pronouncer::NumberPronouncer;
pub use output::TransportOutput;
pub use silence_watchdog::SilenceWatchdog;
pub use smart_endpointer::SmartEndpointer;
pub use tts::Tts;
pub use user_aggregator::UserAggregator;
pub use whissle_stt::WhissleStt;
