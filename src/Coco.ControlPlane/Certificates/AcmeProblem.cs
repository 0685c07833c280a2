using System.Text.Json;

namespace Coco.ControlPlane.Certificates;

/// <summary>What a certificate authority says is wrong (RFC 8555 §6.7, RFC 9457).</summary>
/// <param name="Type">A URN of <see cref="Prefix"/>, or something else.</param>
/// <param name="Detail">For people.</param>
/// <param name="Subproblems">The same of single names (§6.7.1).</param>
internal sealed record AcmeProblem(string? Type, string? Detail, AcmeProblem[]? Subproblems)
{
    private const string Prefix = "urn:ietf:params:acme:error:";
    private const int MaxText = 400; // chosen: of what somebody else wrote, in a line of the log
    private const int MaxSubproblems = 5; // chosen: the first few say it

    // What to do about the types of §6.7 that an operator can do something about.
    private static readonly Dictionary<string, string> Advice = new(StringComparer.Ordinal)
    {
        ["accountDoesNotExist"] = "The account is made anew at the next attempt.",
        ["caa"] = "The domain's CAA record forbids this authority: allow it there (RFC 8659).",
        ["connection"] = "The authority could not connect: see that the name leads here, and that port 443 (80 for http-01) of it reaches Listen.",
        ["dns"] = "The authority found no address: see that the name has an A or AAAA record.",
        ["externalAccountRequired"] = "Set Acme.ExternalAccount and Acme.ExternalAccountKeyFile to what the authority gave you.",
        ["incorrectResponse"] = "Somebody else answered: see that the name leads to this control plane and that no proxy before it ends TLS.",
        ["invalidContact"] = "See Acme.Email.",
        ["rateLimited"] = "It was asked too often, and is left alone for a while.",
        ["rejectedIdentifier"] = "The authority gives no certificate for that name: see Acme.Domains.",
        ["tls"] = "The handshake failed: see that the name leads to this control plane and that no proxy before it ends TLS.",
        ["unauthorized"] = "See that the name leads to this control plane, and to no other server.",
        ["unsupportedContact"] = "See Acme.Email.",
        ["unsupportedIdentifier"] = "The authority gives no certificate for that name: see Acme.Domains.",
        ["userActionRequired"] = "Its terms of service have to be agreed to: read them, and set Acme.AgreesToTerms.",
    };

    /// <summary>The problem's name in the registry; empty for others.</summary>
    public string Name => Type is { } type && type.StartsWith(Prefix, StringComparison.Ordinal) ? type[Prefix.Length..] : "";

    /// <summary>Reads a document; what is none says nothing.</summary>
    public static AcmeProblem Read(string text)
    {
        try
        {
            return JsonSerializer.Deserialize<AcmeProblem>(text, AcmeJson.Options) ?? new(null, null, null);
        }
        catch (JsonException)
        {
            return new(null, null, null);
        }
    }

    /// <summary>As an exception.</summary>
    /// <param name="what">What was not done.</param>
    /// <param name="retryAfter">When the authority wants to be asked again.</param>
    public AcmeException ToException(string what, TimeSpan? retryAfter = null)
    {
        var details = (Subproblems ?? []).Take(MaxSubproblems).Select(static one => one.Tell()).Prepend(Tell());
        var advice = (Subproblems ?? []).Prepend(this).Select(static one => Advice.GetValueOrDefault(one.Name)).FirstOrDefault(static one => one is not null);
        return new(string.Join(' ', (string[])[$"{what}:", .. details, .. advice is null ? Array.Empty<string>() : [advice]])) { Type = Name, RetryAfter = retryAfter };
    }

    /// <summary>Text of others on one line, and not too much of it.</summary>
    public static string Tame(string text)
    {
        var tame = string.Concat(text.Take(MaxText).Select(static character => char.IsControl(character) ? ' ' : character));
        return text.Length > MaxText ? tame + "…" : tame;
    }

    private string Tell() => $"{(Name.Length > 0 ? Tame(Name) : "no reason")} ({Tame(Detail ?? "nothing said")}).";
}
