package search

import (
	"sort"
	"time"
)

// A calendar tells the years of times in a zone.
type calendar struct {
	first  int
	begins []int64 // of each year from first on, in microseconds
}

// The years that are told apart; what lies outside counts to the nearest.
const (
	firstYear = 1000
	lastYear  = 3000
)

func newCalendar(zone *time.Location) *calendar {
	c := &calendar{first: firstYear}
	for y := firstYear; y <= lastYear; y++ {
		c.begins = append(c.begins, time.Date(y, 1, 1, 0, 0, 0, 0, zone).UnixMicro())
	}
	return c
}

// year returns the year of a time.
func (c *calendar) year(micros int64) int {
	const mean = 31_556_952_000_000 // of a year, in microseconds
	i := min(max(int(micros/mean)+1970-c.first-1, 0), len(c.begins)-1)
	for i+1 < len(c.begins) && c.begins[i+1] <= micros {
		i++
	}
	if c.begins[i] > micros {
		i = max(0, sort.Search(len(c.begins), func(j int) bool { return c.begins[j] > micros })-1)
	}
	return c.first + i
}
