package demo

// The journal, as its configuration names it.
const (
	Name    = "The Meridian Review"
	Tagline = "Analysis of world affairs, for readers who want to know how things work"
)

// A Guest is a reader the demonstration journal has from the start, to sign in as.
type Guest struct {
	Address   string
	Name      string
	AllAccess bool // subscribes to everything; otherwise reads for free
}

// Guests are the sample readers.
func Guests() []Guest {
	return []Guest{
		{Address: "subscriber@example.org", Name: "Sample Subscriber", AllAccess: true},
		{Address: "reader@example.org", Name: "Sample Reader"},
	}
}

// A shelf is a section, topic or series, with what its page says of it.
type shelf struct{ name, description string }

// sections are in the order of the masthead.
var sections = []shelf{
	{"Briefings", "One question, answered in the time of a cup of coffee: what happened, how the thing works, and what to watch."},
	{"In-Depth", "Long analysis by people who have done the work they describe: the law, the engineering and the money behind the headlines."},
	{"Columns", "Our regular writers, each on the subject they cannot leave alone."},
	{"Essays", "History, books and argument, at the length they need."},
}

// series are told in parts.
var series = []shelf{
	{"The Price of Water", "Three articles on rivers that cross frontiers: who stores them, who counts them, and what the treaties forgot."},
}

// topics are the only ones an article of this journal is filed under.
var topics = []shelf{
	{"Climate", "Ice, rain and heat, and the agreements made about them."},
	{"Culture", "Languages, maps, manners and books, where they meet the state."},
	{"Development", "How countries come to have more, and who sees that it is shared."},
	{"Diplomacy", "The craft: treaties, protocol, drafting, and the people who practise it."},
	{"Economy & Finance", "Currencies, budgets, banks and the promises they make."},
	{"Energy", "Oil, gas, grids and the cables between countries."},
	{"Food", "From the field to the loaf, by way of the customs house."},
	{"Law", "What states have agreed to, and what happens when they do not keep it."},
	{"Migration", "People who move, the money they send, and the offices that count them."},
	{"Politics", "Elections, capitals, borders and the offices where they are run."},
	{"Security", "Straits, forces and mandates, and what they cost to keep."},
	{"Technology", "Chips, satellites and cables, and who depends on whom for them."},
	{"Trade", "Ships, ports, insurance and the paper that goes with the cargo."},
	{"Water", "Rivers, dams and the measurement of both."},
}
