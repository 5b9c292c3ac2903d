//! HTTP/1.1 heads and bodies.
#![no_std]
