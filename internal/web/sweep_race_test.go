//go:build race

package web

// With the race detector an asking takes eight times as long, so each article is asked for in a part of the ways; all
// of them together still in every one. The whole sweep runs without it (.ci/run).
const sharesOfEvery, sharesElsewhere = 10, 100
