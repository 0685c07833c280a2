using Coco.ControlPlane.Storage;
using Microsoft.Extensions.Primitives;

namespace Coco.ControlPlane.Pages;

/// <summary>Fields of a form or parameters of a link: each once, none long and all of characters that texts have, or it is not there.</summary>
internal sealed class FormValues(Func<string, StringValues> read)
{
    /// <summary>How long one may be. The longest is a ticket, which goes from page to page in a link, and a request's first line has 8 KiB (Kestrel).</summary>
    public const int MaxLength = 7 << 10;

    public static FormValues OfQuery(HttpContext context) => new(name => context.Request.Query[name]);

    public static FormValues OfForm(IFormCollection form) => new(name => form[name]);

    public string this[string name] => read(name) is [{ Length: <= MaxLength } value] && TextException.IsStorable(value) ? value : "";
}
