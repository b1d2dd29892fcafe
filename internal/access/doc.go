// Package access is the wall: who may read what, and why.
//
// Decide is the whole rule, a pure function from Facts to a Decision. Gate loads the facts, spends unlocks and grants
// courtesies. A Decision that opens an article can be made by this package alone, and the library hands out a body
// only against such a Decision: what forgets to ask gets nothing.
package access
