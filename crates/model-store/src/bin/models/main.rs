//! `models`: lists, fetches, verifies and clears the model weights of this product.

fn main() {}
