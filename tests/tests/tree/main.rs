//! The check of the tree: the rules of `ARCHITECTURE.md` that a compiler does not enforce, each as a test.
#![forbid(unsafe_code)]

mod circles;
mod floors;
mod fuzz;
mod names;
mod pair;
mod purity;
mod shape;
mod source;
mod workspace;
