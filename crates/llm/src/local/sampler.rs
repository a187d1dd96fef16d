//! Which token comes next.

use super::{Done, broken, refused};
use llama_cpp_2::context::LlamaContext;
use llama_cpp_2::model::LlamaModel;
use llama_cpp_2::sampling::LlamaSampler;
use llama_cpp_2::token::LlamaToken;
use llama_cpp_2::token::data::LlamaTokenData;
use llama_cpp_2::token::data_array::LlamaTokenDataArray;

/// Tokens that are less likely because they were said a moment ago: small models repeat themselves.
const REPEATED: (i32, f32) = (64, 1.1);
/// With a temperature, as Qwen recommends.
const TOP_K: i32 = 20;
const TOP_P: f32 = 0.8;

/// Chooses, within a grammar where there is one.
pub struct Sampler {
    choice: LlamaSampler,
    grammar: Option<LlamaSampler>,
}

impl Sampler {
    /// Without a temperature, and with 0, the likeliest token.
    pub fn new(model: &LlamaModel, temperature: Option<f64>, grammar: Option<&str>) -> Done<Self> {
        let mut steps = Vec::new();
        if grammar.is_none() {
            let (last, factor) = REPEATED;
            steps.push(LlamaSampler::penalties(
                model.n_vocab(),
                last,
                factor,
                0.0,
                0.0,
            ));
        }
        match temperature.filter(|value| *value > 0.0) {
            None => steps.push(LlamaSampler::greedy()),
            Some(value) => {
                steps.push(LlamaSampler::top_k(TOP_K));
                steps.push(LlamaSampler::top_p(TOP_P, 1));
                steps.push(LlamaSampler::temp(value as f32));
                steps.push(LlamaSampler::dist(rand::random()));
            }
        }
        let grammar = grammar.map(|text| LlamaSampler::grammar(model, text, "root"));
        let grammar = grammar
            .transpose()
            .map_err(|_| refused(400, "llama.cpp does not take the grammar of the schema"))?;
        Ok(Sampler {
            choice: LlamaSampler::chain_simple(steps),
            grammar,
        })
    }

    /// The next token, none of `never` (sorted).
    pub fn next(&mut self, context: &LlamaContext<'_>, never: &[LlamaToken]) -> Done<LlamaToken> {
        let candidates = || {
            let all = context.candidates_ith(-1);
            let all = all.filter(|data| never.binary_search(&data.id()).is_err());
            LlamaTokenDataArray::from_iter(all, false)
        };
        let mut all = candidates();
        let mut token = chosen(&mut all, &mut self.choice)?;
        if let Some(grammar) = &mut self.grammar {
            // Asking it about one token is a thousand times cheaper than about all, and mostly enough.
            // llama.cpp ends the process when a token is accepted that the grammar does not have.
            if !allows(grammar, token) {
                let mut all = candidates();
                all.apply_sampler(grammar);
                token = chosen(&mut all, &mut self.choice)?;
                if !allows(grammar, token) {
                    return Err(broken("no token fits the grammar"));
                }
            }
            grammar.accept(token);
        }
        self.choice.accept(token);
        Ok(token)
    }
}

fn chosen(all: &mut LlamaTokenDataArray, choice: &mut LlamaSampler) -> Done<LlamaToken> {
    all.apply_sampler(choice);
    all.selected_token()
        .ok_or_else(|| broken("no token was chosen"))
}

fn allows(grammar: &mut LlamaSampler, token: LlamaToken) -> bool {
    let mut one = LlamaTokenDataArray::new(vec![LlamaTokenData::new(token, 1.0, 0.0)], false);
    one.apply_sampler(grammar);
    one.data
        .first()
        .is_some_and(|data| data.logit().is_finite())
}
