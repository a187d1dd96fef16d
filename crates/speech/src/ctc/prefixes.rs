//! The prefixes of a beam search as a tree: every sequence of tokens is one node, with what
//! language model and hotwords think of it.

use crate::decode::fusion::{Fused, Fusion};

/// A node of the tree.
pub(crate) type NodeId = u32;

const NONE: NodeId = NodeId::MAX;

struct Node {
    parent: NodeId,
    token: u32,
    first_child: NodeId,
    next_sibling: NodeId,
    /// What fusion adds to the score of this prefix, in nats.
    gain: f32,
    /// Where in the frame's list the prefix stands, if `frame` is the present one.
    place: u32,
    frame: u32,
}

/// All prefixes seen so far.
pub(crate) struct Prefixes<'f> {
    fusion: Option<&'f Fusion>,
    nodes: Vec<Node>,
    /// Text state by node; only of those that can be extended.
    texts: Vec<Option<Box<Fused>>>,
    /// Nodes with a text state.
    awake: Vec<NodeId>,
    frame: u32,
}

impl<'f> Prefixes<'f> {
    /// The empty prefix.
    pub const ROOT: NodeId = 0;

    pub fn new(fusion: Option<&'f Fusion>) -> Self {
        let root = Node {
            parent: NONE,
            token: 0,
            first_child: NONE,
            next_sibling: NONE,
            gain: 0.0,
            place: 0,
            frame: 0,
        };
        Self {
            nodes: vec![root],
            texts: vec![fusion.map(|fusion| Box::new(fusion.begin()))],
            awake: vec![Self::ROOT],
            frame: 0,
            fusion,
        }
    }

    /// Last token of a prefix.
    pub fn token(&self, node: NodeId) -> Option<u32> {
        (node != Self::ROOT).then(|| self.nodes[node as usize].token)
    }

    /// What fusion adds to the score, in nats.
    pub fn gain(&self, node: NodeId) -> f32 {
        self.nodes[node as usize].gain
    }

    /// As [`Self::gain`], if the text ends here.
    pub fn final_gain(&self, node: NodeId) -> f32 {
        let text = self.texts[node as usize].as_ref();
        let last = self
            .fusion
            .zip(text)
            .map(|(fusion, text)| fusion.finish(text));
        self.gain(node) + last.unwrap_or(0.0)
    }

    /// Forgets the places of the frame before.
    pub fn new_frame(&mut self) {
        self.frame += 1;
    }

    /// Place of a prefix in this frame's list; `free` is what it gets if it has none yet.
    pub fn place(&mut self, node: NodeId, free: usize) -> usize {
        let frame = self.frame;
        let node = &mut self.nodes[node as usize];
        if node.frame != frame {
            node.frame = frame;
            node.place = free as u32;
        }
        node.place as usize
    }

    /// The prefix and one token more, which is spelled so.
    pub fn child(&mut self, parent: NodeId, token: u32, spelling: &[u8]) -> NodeId {
        let mut at = self.nodes[parent as usize].first_child;
        while at != NONE {
            let node = &self.nodes[at as usize];
            if node.token == token {
                break;
            }
            at = node.next_sibling;
        }
        if at == NONE {
            at = self.nodes.len() as NodeId;
            let siblings = std::mem::replace(&mut self.nodes[parent as usize].first_child, at);
            self.nodes.push(Node {
                parent,
                token,
                first_child: NONE,
                next_sibling: siblings,
                gain: self.nodes[parent as usize].gain,
                place: 0,
                frame: 0,
            });
            self.texts.push(None);
        }
        if self.texts[at as usize].is_none()
            && let Some(fusion) = self.fusion
            && let Some(text) = &self.texts[parent as usize]
        {
            let mut text = text.clone();
            let gain = fusion.feed(&mut text, spelling);
            self.nodes[at as usize].gain = self.nodes[parent as usize].gain + gain;
            self.texts[at as usize] = Some(text);
            self.awake.push(at);
        }
        at
    }

    /// Drops the text states of all but these, which alone are extended.
    pub fn keep(&mut self, nodes: impl Iterator<Item = NodeId>) {
        if self.fusion.is_none() {
            return;
        }
        let mut kept = Vec::with_capacity(self.awake.len());
        for node in nodes {
            kept.push((node, self.texts[node as usize].take()));
        }
        for node in self.awake.drain(..) {
            self.texts[node as usize] = None;
        }
        for (node, text) in kept {
            self.texts[node as usize] = text;
            self.awake.push(node);
        }
    }

    /// All tokens of a prefix.
    pub fn tokens(&self, mut node: NodeId) -> Vec<u32> {
        let mut tokens = Vec::new();
        while node != Self::ROOT {
            let Node { parent, token, .. } = self.nodes[node as usize];
            tokens.push(token);
            node = parent;
        }
        tokens.reverse();
        tokens
    }
}
