package bump

// Kind is one kind of change. docs/versions.md shows all of them.
type Kind struct {
	// ID names it, such as "environment-gone".
	ID string
	// Level is what it asks for.
	Level Level
	// Title says it in the words of the documentation.
	Title string
}

// Kinds lists every kind of change, from those that ask for most.
func Kinds() []Kind {
	return []Kind{
		{environmentGone, Major, "an environment is gone"},
		{parameterGone, Major, "a parameter is gone, or has another name"},
		{parameterNarrowed, Major, "a parameter refuses a value that it accepted, as one of another type does"},
		{functionGone, Major, "a function is gone, or has another name"},
		{inputNarrowed, Major, "a function refuses data that it accepted, requires more of it, or no longer knows a field; also when nobody can prove that it does not"},
		{outputWidened, Major, "a function's result may be what its schema did not allow, or lacks a field; also when nobody can prove that it does not"},
		{hardwareMore, Major, "more VRAM, RAM, disk or CPU cores are needed, or need is stated where none was"},
		{hardwareNewer, Major, "a higher compute capability or a newer driver is needed, or one is stated where none was"},
		{gfxGone, Major, "a GPU target (`gfx`) is gone, or only some are named where all would do"},
		{imageRepository, Major, "a service runs an image from a repository that it did not run one from, and no other service of the environment did if the service is new"},
		{privileges, Major, "a compose file gives a service more of the host; see the table below"},
		{undecidedKey, Major, "a key of a compose file changes that the table below does not have"},
		{minPayment, Major, "`minPayment`: a lower one pays providers less, and a higher one refuses tasks that paid enough"},
		{lockupHigher, Major, "a higher `minAvailableLockup`"},
		{expiry, Major, "another `maxExpiryDuration`"},
		{delivery, Major, "another `deliveryMethod`"},
		{privacy, Major, "another `privacyEnabled`"},
		{unreadableBase, Major, "the version on the base cannot be read or frozen, so that nobody can tell what changes"},

		{environmentAdded, Minor, "an environment is added"},
		{parameterAdded, Minor, "a parameter is added"},
		{parameterWidened, Minor, "a parameter accepts more, such as any number where it took whole ones"},
		{functionAdded, Minor, "a function is added"},
		{inputWidened, Minor, "a function accepts more: an optional field, another value"},
		{outputNarrowed, Minor, "a function promises more of its result: another field, fewer values"},
		{gfxAdded, Minor, "a GPU target (`gfx`) is added"},

		{hardwareLess, Patch, "less hardware is needed"},
		{lockupLower, Patch, "a lower `minAvailableLockup`"},
		{parameterOther, Patch, "a parameter has another default, description, target or `with`"},
		{functionOther, Patch, "a function has another description or example, or its schemas other descriptions"},
		{composeOther, Patch, "a compose file changes in any other way: another digest or tag of an image, a variable, a healthcheck"},
		{waivers, Patch, "the waivers change, apart from their dates"},
		{readme, Patch, "the README changes"},
		{logo, Patch, "the logo changes"},
		{title, Patch, "the title or the description changes, which the source shows"},
		{contentOther, Patch, "anything else that the release digest covers"},
	}
}

// The ids of the kinds.
const (
	environmentGone   = "environment-gone"
	parameterGone     = "parameter-gone"
	parameterNarrowed = "parameter-narrowed"
	functionGone      = "function-gone"
	inputNarrowed     = "input-narrowed"
	outputWidened     = "output-widened"
	hardwareMore      = "hardware-more"
	hardwareNewer     = "hardware-newer"
	gfxGone           = "gfx-gone"
	imageRepository   = "image-repository"
	privileges        = "privileges"
	undecidedKey      = "undecided-key"
	minPayment        = "min-payment"
	lockupHigher      = "lockup-higher"
	expiry            = "expiry"
	delivery          = "delivery"
	privacy           = "privacy"
	unreadableBase    = "unreadable-base"
	environmentAdded  = "environment-added"
	parameterAdded    = "parameter-added"
	parameterWidened  = "parameter-widened"
	functionAdded     = "function-added"
	inputWidened      = "input-widened"
	outputNarrowed    = "output-narrowed"
	gfxAdded          = "gfx-added"
	hardwareLess      = "hardware-less"
	lockupLower       = "lockup-lower"
	parameterOther    = "parameter-other"
	functionOther     = "function-other"
	composeOther      = "compose-other"
	waivers           = "waivers"
	readme            = "readme"
	logo              = "logo"
	title             = "title"
	contentOther      = "content-other"
)

// level is that of a kind; one that nobody listed asks for the most.
func level(id string) Level {
	for _, k := range Kinds() {
		if k.ID == id {
			return k.Level
		}
	}
	return Major
}
