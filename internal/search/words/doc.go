// Package words takes texts apart into the words that are searched: it finds them, folds case and accents, takes off
// endings (Snowball stemmers, snowballstem.org; for English the one known as Porter2), and knows the words that say
// nothing.
package words

// Version counts the changes of this package after which an index must be built anew.
const Version = 1
