using System.Text.Json;

namespace Coco.ControlPlane.Certificates;

/// <summary>JSON as certificate authorities write it. What is not known is ignored: their documents grow.</summary>
internal static class AcmeJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web) { MaxDepth = 16 };

    /// <summary>Reads a document of which something is needed.</summary>
    /// <exception cref="AcmeException">It is none.</exception>
    public static T Read<T>(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<T>(text, Options) ?? throw Nonsense(null);
        }
        catch (JsonException exception)
        {
            throw Nonsense(exception);
        }
    }

    private static AcmeException Nonsense(Exception? inner) =>
        new("The certificate authority's answer is not what RFC 8555 says. See that Acme.Directory is the address of an ACME directory.", inner!);
}
