package words

// stopWords are the words of a language that stand in every text: articles, pronouns, prepositions, forms of to be and
// to have. Words that may be what is looked for ("can", "will", "new", "us") are not among them.
var stopWords = map[string]string{
	"en": `a an the and or but if nor of at by for with about against between into through during before after above below
		to from up down in out on off over under again further then once here there when where why how all any both each
		few more most other some such no not only own same so than too very i me my myself we our ours ourselves you your
		yours yourself yourselves he him his himself she her hers herself it its itself they them their theirs themselves
		what which who whom this that these those am is are was were be been being have has had having do does did doing
		would should could ought cannot as because until while upon also may might must shall`,
	"de": `der die das den dem des ein eine einer eines einem einen und oder aber wenn weil dass daß ob als wie so auch noch
		nur schon sehr mehr nicht kein keine keiner keinem keinen in im an am auf aus bei beim bis durch für gegen mit nach
		ohne über um unter von vom vor zu zum zur zwischen ich du er sie es wir ihr mich dich sich uns euch ihm ihn ihnen
		mein dein sein unser euer dieser diese dieses diesem diesen jener jene jenes welcher welche welches wer was wo wann
		warum ist sind war waren bin bist wird werden wurde wurden worden hat haben hatte hatten kann können soll sollen
		muss müssen hier da dort dann`,
	"fr": `le la les l un une des du de d et ou mais si ni car donc or que qu qui quoi dont où à au aux en dans par pour sur
		sous avec sans entre vers chez je j tu il elle on nous vous ils elles me m te t se s lui leur y ne n pas plus ce c
		cet cette ces mon ton son ma ta sa mes tes ses notre votre nos vos leurs est sont était étaient être été suis es
		sommes êtes ai as a avons avez ont avait avaient avoir eu fait comme aussi très`,
	"es": `el la los las lo un una unos unas y e o u pero si ni que de del a al en con por para sin sobre entre desde hasta
		hacia según yo tú él ella ello nosotros vosotros ellos ellas me te se nos os le les mi tu su mis tus sus nuestro
		nuestra este esta esto estos estas ese esa eso esos esas aquel aquella es son era eran ser sido soy eres fue fueron
		ha han había habían haber hay no más muy ya como cuando donde quien cual porque también`,
	"it": `il lo la i gli le l un uno una e ed o ma se né che chi cui di del dello della dei degli delle d a al allo alla ai
		agli alle da dal dallo dalla dai dagli dalle in nel nello nella nei negli nelle con su sul sullo sulla sui sugli
		sulle per tra fra io tu egli ella lui lei noi voi essi loro mi ti si ci vi ne mio tuo suo nostro vostro questo
		questa questi queste quello quella quelli quelle è sono era erano essere stato ho hai ha abbiamo avete hanno aveva
		avevano non più come anche dove quando perché`,
	"pt": `o a os as um uma uns umas e ou mas se nem que de do da dos das em no na nos nas por pelo pela pelos pelas para com
		sem sobre entre até desde eu tu ele ela nós vós eles elas me te lhe lhes meu teu seu minha tua sua nosso nossa este
		esta isto estes estas esse essa isso esses essas aquele aquela é são era eram ser sido foi foram há tem têm tinha
		tinham não mais muito já como quando onde quem qual porque também ao aos à às`,
	"nl": `de het een en of maar als dat die dit deze in op aan bij met van voor door uit over onder tussen naar tot om te er
		ik jij je u hij zij ze wij we jullie hun hen hem haar mijn jouw zijn onze ons is was waren ben bent word wordt
		worden werd werden heeft hebben had hadden niet geen ook nog al dan wel wat wie waar hoe omdat toen`,
}
