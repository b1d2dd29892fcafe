//go:build !race

package web

// Into how many shares the sweep deals its ways of asking: for the articles that are asked for in every way, and
// elsewhere.
const sharesOfEvery, sharesElsewhere = 1, 20
