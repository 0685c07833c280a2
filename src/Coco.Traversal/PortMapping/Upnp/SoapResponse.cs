using System.Globalization;
using System.Text;

namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>The answer to a control request: status 200 with values, or 500 with an error code (UPnP Device Architecture 1.1 §3.2.2, §3.2.5).</summary>
internal sealed class SoapResponse
{
    private const int MaxValue = 256;

    private readonly string _text;

    private SoapResponse(bool isSuccess, string text)
    {
        (IsSuccess, _text) = (isSuccess, text);
        Error = isSuccess ? UpnpError.None
            : int.TryParse(Value("errorCode"), NumberStyles.None, CultureInfo.InvariantCulture, out var code) ? (UpnpError)code
            : UpnpError.Unspecified;
    }

    /// <summary>Whether the action was done.</summary>
    public bool IsSuccess { get; }

    /// <summary>Why not.</summary>
    public UpnpError Error { get; }

    /// <param name="status">The HTTP status.</param>
    /// <param name="body">The body, as much as was read.</param>
    public static SoapResponse Parse(int status, ReadOnlySpan<byte> body) => new(status == 200, Encoding.UTF8.GetString(body));

    /// <summary>The text of the first element of that local name; null when there is none.</summary>
    public string? Value(string name)
    {
        var scanner = new XmlScanner(_text);
        XmlToken token;
        while ((token = scanner.Read()) != XmlToken.None)
        {
            if (token != XmlToken.Start || !scanner.Name.SequenceEqual(name)) { continue; }
            if (scanner.IsEmptyElement || scanner.Read() != XmlToken.Text || scanner.Text.Length > MaxValue) { return ""; }
            return XmlScanner.Decode(scanner.Text.Trim());
        }
        return null;
    }

    /// <summary>The port in an element; 0 when there is none.</summary>
    public int Port(string name) => ushort.TryParse(Value(name), NumberStyles.None, CultureInfo.InvariantCulture, out var port) ? port : 0;
}
