//! All services at once.

use crate::Stack;

impl Stack {
    /// All services; `documented` is for a network of one's own, where the ports of the API
    /// reference are free.
    pub fn everything(documented: bool, variables: &[(&str, &str)]) -> Stack {
        let names = &[
            "postgres",
            "asr-server",
            "tts-server",
            "voice-bot",
            "agent",
            "gateway",
        ];
        let mut stack = Stack::new(names, variables);
        if documented {
            (stack.port, stack.asr_port, stack.tts_port) = (9000, 8001, 8003);
            (stack.bot_port, stack.agent_port) = (8000, 8765);
        }
        stack.launch();
        stack
    }
}
