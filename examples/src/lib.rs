//! The examples of this package are in its folder, one idea a file.
