package demo

// A grammar is what generated articles on a topic talk about. Matters and papers are singular, the others plural.
type grammar struct {
	topic   string
	matters []string
	things  []string
	people  []string
	papers  []string
}

// colophon ends every generated article.
const colophon = "This text was put together by a program to fill the demonstration journal. It reports nothing."

var seasons = []string{"in the dry months", "after the harvest", "before the rains", "at the end of the budget year",
	"in a quiet August", "between two elections", "in the first weeks of a new ministry", "over a long winter"}

var numbers = []string{"two", "three", "four", "five", "six", "seven", "nine", "ten"}

var grammars = []grammar{
	{"Climate", []string{"the price of a wet year", "the sharing of a warmer coast", "the promise to emit less"},
		[]string{"rain gauges", "sea walls", "carbon registers", "drought funds"},
		[]string{"meteorologists", "insurers", "delegates", "farm advisers"},
		[]string{"the inventory", "the forecast", "the adaptation plan"}},
	{"Culture", []string{"the choice of an official language", "the loan of an exhibition", "the naming of a street"},
		[]string{"archives", "dictionaries", "school primers", "reading rooms"},
		[]string{"translators", "curators", "publishers", "schoolteachers"},
		[]string{"the catalogue card", "the orthography", "the deed of gift"}},
	{"Development", []string{"the upkeep of a rural road", "the last mile of a public service", "the counting of the poor"},
		[]string{"feeder roads", "savings groups", "clinics", "household surveys"},
		[]string{"surveyors", "district officers", "lenders", "engineers"},
		[]string{"the project file", "the ledger", "the completion report"}},
	{"Diplomacy", []string{"the wording of a communiqué", "the order of speakers", "the closing of a small embassy"},
		[]string{"back channels", "visiting delegations", "protocol lists", "side letters"},
		[]string{"note-takers", "envoys", "interpreters", "heads of mission"},
		[]string{"the draft text", "the seating plan", "the exchange of letters"}},
	{"Economy & Finance", []string{"the defence of a currency", "the maturity of a public debt", "the price of a safe deposit"},
		[]string{"reserves", "payment systems", "treasury bills", "guarantee schemes"},
		[]string{"central bankers", "auditors", "bond dealers", "tax inspectors"},
		[]string{"the balance sheet", "the prospectus", "the annual report"}},
	{"Energy", []string{"the cost of a spare cable", "the balance of a small grid", "the storage of a mild winter"},
		[]string{"transformers", "gas caverns", "interconnectors", "pumping stations"},
		[]string{"dispatchers", "grid planners", "fuel buyers", "regulators"},
		[]string{"the load curve", "the supply contract", "the outage plan"}},
	{"Food", []string{"the price of a loaf", "the keeping of a grain reserve", "the inspection of a cargo"},
		[]string{"silos", "cold stores", "flour mills", "seed banks"},
		[]string{"millers", "grain traders", "bakers", "warehouse keepers"},
		[]string{"the tender", "the quality certificate", "the ration list"}},
	{"Law", []string{"the reach of a foreign court", "the reading of an old treaty", "the burden of proof"},
		[]string{"arbitral awards", "annexes", "boundary markers", "exemptions"},
		[]string{"arbitrators", "legal advisers", "registrars", "witnesses"},
		[]string{"the annex", "the preamble", "the dissenting opinion"}},
	{"Migration", []string{"the fee on a remittance", "the recognition of a diploma", "the queue for a permit"},
		[]string{"transit towns", "recruitment offices", "family letters", "waiting rooms"},
		[]string{"seasonal workers", "consular officers", "recruiters", "landlords"},
		[]string{"the work permit", "the entry form", "the population register"}},
	{"Politics", []string{"the drawing of a district", "the timing of an election", "the patience of a coalition"},
		[]string{"polling stations", "party offices", "town halls", "voter rolls"},
		[]string{"returning officers", "whips", "mayors", "speechwriters"},
		[]string{"the electoral roll", "the coalition agreement", "the rule book"}},
	{"Security", []string{"the supply of a small garrison", "the policing of a strait", "the renewal of a mandate"},
		[]string{"patrol boats", "fuel depots", "checkpoints", "field hospitals"},
		[]string{"quartermasters", "pilots", "border guards", "observers"},
		[]string{"the mandate", "the duty roster", "the status agreement"}},
	{"Technology", []string{"the ownership of a data centre", "the repair of a submarine cable", "the shortage of a plain chip"},
		[]string{"landing stations", "repair ships", "test laboratories", "spare parts"},
		[]string{"network engineers", "standards committees", "chip designers", "repair crews"},
		[]string{"the standard", "the licence", "the maintenance log"}},
	{"Trade", []string{"the wait at a second border", "the insurance of a voyage", "the origin of a component"},
		[]string{"warehouses", "container yards", "customs sheds", "feeder ships"},
		[]string{"shipping agents", "customs brokers", "underwriters", "stevedores"},
		[]string{"the bill of lading", "the tariff schedule", "the manifest"}},
	{"Water", []string{"the filling of an upstream dam", "the price of pumped groundwater", "the measuring of a shared river"},
		[]string{"gauging stations", "canals", "sluices", "wells"},
		[]string{"hydrologists", "canal keepers", "irrigators", "dam operators"},
		[]string{"the allocation table", "the gauge book", "the river protocol"}},
}

var titles = []string{
	"What {people} know about {matter}",
	"The trouble with {paper}",
	"{matter}, seen from {country}",
	"Who pays for {things}",
	"In defence of {things}",
	"The quiet politics of {things}",
	"{things} and their keepers",
	"Notes on {matter} from {country}",
	"Why {people} read {paper} twice",
	"How {matter} is decided",
	"{matter} is a question of {things}",
	"A short history of {things}",
	"{people} at the table",
	"What {paper} leaves out",
	"{country} and the question of {things}",
	"The case for fewer {things}",
}

var standfirsts = []string{
	"Most accounts of {matter} begin with ministers. This one begins with {people}.",
	"{things} are dull until they are missing. What they teach about {matter}.",
	"{paper} was written for another time. The {people} have kept it alive by not reading it too closely.",
	"Everybody has a view on {matter}. Few have asked who looks after the {things}.",
	"A reader’s guide to {paper}, and to the {number} people who can change it.",
	"From {country}, a small lesson about {matter} and a larger one about patience.",
	"The argument over {matter} is an argument about {things}, and cheaper to settle that way.",
}

var openings = []string{
	"Take {country}, though for this purpose almost any country would do.",
	"There are two ways of talking about {matter}, and they are seldom heard in the same room.",
	"Ask {people} about {matter} and they will begin, as a rule, with {paper}.",
	"The first thing to say about {things} is that nobody notices them.",
	"It is usual to speak of {matter} as though it were decided once.",
	"Whoever wishes to understand {matter} should spend a morning with {people}.",
	"A visitor who asks about {matter} in {country} is likely to be shown {things}.",
}

var turns = []string{
	"None of this makes {matter} simple.",
	"There is an objection, and {people} make it themselves.",
	"It would be wrong to leave the matter with the {people}.",
	"That leaves the question of who should begin.",
	"The remedy is less grand than the complaint.",
}

var closings = []string{
	"A reader in {country} will recognise the pattern, and so will a reader two borders away.",
	"The next time {matter} is in the news, look first for {paper}.",
	"It may be enough to leave the {things} where they are, and to write down what they cost.",
	"If there is a moral, it is that {people} should be asked before {paper} is signed, and thanked after.",
	"What is needed is neither courage nor vision, but {number} people who will still be there in ten years.",
}

var headings = []string{"What {paper} says", "The view of the {people}", "The cost of {things}", "Who is woken at night",
	"An older arrangement", "What could be tried", "The other side of the ledger", "{number} ways of waiting"}

var maxims = []string{
	"What is not written in {paper} is usually the part that works.",
	"{things} have no opinions, which is why they are trusted.",
	"A delay is a price that nobody has to print.",
	"The {people} were never asked, and so they were never wrong.",
}

// middles are the sentences paragraphs are made of. None states a fact about a country.
var middles = []string{
	"The usual account sets governments on one side and markets on the other, and leaves out the {people} who stand between them with a pencil.",
	"Much depends on who keeps {paper}, and on whether anybody else may see it.",
	"{people} tend to answer that the {things} were there before the policy and will be there after it.",
	"A rule that cannot be checked is an invitation, and {number} parties will accept it {season}.",
	"Costs are easy to find, since somebody sends a bill; the savings have to be imagined.",
	"It is cheaper to share {things} than to build them twice, but sharing needs a telephone number that is answered {season}.",
	"The figures are collected every month, published every year, and believed when they are convenient.",
	"Where {things} are few, those who own them learn to speak slowly.",
	"An arrangement of this sort lasts for as long as each party dislikes a different part of it.",
	"Nobody set out to make {matter} depend on {things}; it came about by {number} small decisions, each of them sensible.",
	"The textbook has a name for this, and the {people} have another, which is shorter.",
	"In theory {paper} settles the point. In practice it settles who may raise it.",
	"One need not be cynical to notice that the {things} are repaired {season}, when there is somebody to watch.",
	"The poorer party pays in time and the richer one in money, and only the second is counted.",
	"What looks from the capital like obstruction looks from the {things} like care.",
	"It has been tried before, under another name, with much the same {people}.",
	"Every reform of {paper} has begun with a list of exceptions and ended with a longer one.",
	"The difficulty is not that the parties disagree about {matter}, but that they measure it {season} with different instruments.",
	"A smaller country has one advantage here: the {people} all know each other.",
	"Insurance, in this trade as in others, is a way of asking who was supposed to be looking.",
	"Outsiders bring money and stay for {number} years; the {things} need somebody for thirty.",
	"There is a case for secrecy, and it is weaker than those who make it suppose.",
	"If the {people} are to be blamed, they should first be told what was expected of them.",
	"A map would show {things} as dots, which is how most people think of them.",
	"Patience is cheap for those who are paid by the month.",
	"The argument is conducted in the language of principle because the language of {things} is known to so few.",
	"It helps to remember that {paper} was a compromise, and that both sides went home and called it a victory.",
	"Competition was meant to bring the price down, and did, until there were only {number} competitors.",
	"Someone has to decide what counts as an emergency, preferably before there is one.",
	"Those who gain from the delay are few and know it; those who lose are many and do not.",
	"The rest is habit, which is a kind of law that has never been repealed.",
	"Trust between {people} is slow to make and does not appear in {paper}.",
	"An inspector who comes at a fixed hour sees what there is at that hour.",
	"It was once enough to own the {things}; now one must also be able to say where they came from.",
	"The technical committee meets {season}, and it is there, rather than in the chamber, that the matter is decided.",
	"A subsidy is a promise to people who can vote, made with the money of people who cannot yet.",
	"Nothing in this is peculiar to one region, though each region has its own word for it.",
	"Good {things} make dull news, and dull news gets no budget.",
	"Two neighbours may quarrel for a generation and still keep the same {people} on the payroll.",
	"The honest answer is that nobody knows, and that it would cost very little to find out.",
	"Once the {people} had a form for it, the problem was thought to have been solved.",
	"What is agreed at the top is agreed again, more carefully, by those who have to carry it out.",
}

// countries are those generated articles are filed under.
var countries = []string{
	"Algeria", "Angola", "Argentina", "Armenia", "Australia", "Austria", "Azerbaijan", "Bahrain", "Bangladesh", "Belgium",
	"Benin", "Bolivia", "Botswana", "Brazil", "Bulgaria", "Cambodia", "Cameroon", "Canada", "Chile", "China", "Colombia",
	"Costa Rica", "Croatia", "Cyprus", "Denmark", "Dominican Republic", "Ecuador", "Egypt", "Estonia", "Ethiopia", "Fiji",
	"Finland", "France", "Georgia", "Germany", "Ghana", "Greece", "Guatemala", "Honduras", "Hungary", "Iceland", "India",
	"Indonesia", "Iran", "Iraq", "Ireland", "Israel", "Italy", "Ivory Coast", "Jamaica", "Japan", "Jordan", "Kazakhstan",
	"Kenya", "Kuwait", "Kyrgyzstan", "Laos", "Latvia", "Lebanon", "Lithuania", "Malaysia", "Mali", "Mexico", "Mongolia",
	"Morocco", "Mozambique", "Nepal", "Netherlands", "New Zealand", "Nigeria", "Norway", "Oman", "Pakistan", "Panama",
	"Peru", "Philippines", "Poland", "Portugal", "Qatar", "Romania", "Rwanda", "Saudi Arabia", "Senegal", "Serbia",
	"Singapore", "South Africa", "South Korea", "Spain", "Sri Lanka", "Sweden", "Switzerland", "Tanzania", "Thailand",
	"Tunisia", "Turkey", "Uganda", "Ukraine", "United Kingdom", "United States", "Uruguay", "Uzbekistan", "Vietnam", "Zambia",
}
