//! Providers as their documentation describes them, played by a stand-in that checks what it is
//! asked and answers in pieces that end wherever it hurts.

mod standin;

mod claude;
mod gemini;
mod openai;
mod trouble;
