package board

import (
	"strings"

	"github.com/gatefold/gatefold/internal/fault"
)

// A State is how far an article is.
type State string

// The states, in the order of the work. The first four are stages that somebody sets; the others follow from the time of
// publication.
const (
	Idea      State = "idea"
	Draft     State = "draft"
	Edit      State = "edit"
	Ready     State = "ready"
	Scheduled State = "scheduled"
	Published State = "published"
)

// Stages are the states that somebody sets.
func Stages() []State { return []State{Idea, Draft, Edit, Ready} }

// States are all of them.
func States() []State { return append(Stages(), Scheduled, Published) }

// ParseStage returns the stage a word names, or an Invalid fault that lists the words.
func ParseStage(s string) (State, error) {
	var words []string
	for _, st := range Stages() {
		if string(st) == s {
			return st, nil
		}
		words = append(words, string(st))
	}
	return "", fault.Field("stage", "Expected one of %s.", strings.Join(words, ", "))
}

// ParseState returns the state a word names, "" for no word, or an Invalid fault.
func ParseState(s string) (State, error) {
	for _, st := range append(States(), "") {
		if string(st) == s {
			return st, nil
		}
	}
	return "", fault.Field("state", "There is no such state.")
}
