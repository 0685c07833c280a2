using System.Diagnostics.CodeAnalysis;
using System.Text;
using Coco.Cluster.Statements;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.ControlPlanes;

/// <summary>
/// Where a control plane is, as a network's statement says it: <c>192.0.2.1:443,[2001:db8::1]:443,wss://plane.example/coco,https://plane.example</c>,
/// parts in any order with commas between, as <c>coco relay</c> prints them for <c>--relay</c>, and the base of its API. Parts that are not understood are
/// a later version's.
/// </summary>
internal static class ControlPlaneText
{
    /// <summary>What the entry says. Nothing of it is lost that this version understands, within 8 addresses and one URL of each kind.</summary>
    public static ControlPlaneInfo Read(in ControlPlaneEntry entry)
    {
        var addresses = new List<NetworkAddress>();
        string? url = null;
        Uri? api = null;
        foreach (var part in entry.Address.Split(','))
        {
            if (NetworkAddress.TryParse(part, out var address))
            {
                if (address.IsSendable && addresses.Count < RelayInfo.MaxAddresses) { addresses.Add(address); }
            }
            else if (RelayInfo.IsUrl(part)) { url ??= part; }
            else if (IsApi(part, out var found)) { api ??= found; }
        }
        return new(entry.Id, addresses, url, api);
    }

    /// <summary>The same as an entry.</summary>
    /// <exception cref="ArgumentException">It cannot be written down, or is too long.</exception>
    public static ControlPlaneEntry Write(ControlPlaneInfo info)
    {
        ArgumentNullException.ThrowIfNull(info);
        _ = info.ToRelay(); // which checks what it is made of
        if (info.Id.IsDefault) { throw new ArgumentException("A control plane has an identity.", nameof(info)); }
        if (info.Api is { } api && !IsApi(api.OriginalString, out _)) { throw new ArgumentException($"{api} is no https:// URL without commas.", nameof(info)); }
        if (info.Url?.Contains(',', StringComparison.Ordinal) == true) { throw new ArgumentException($"{info.Url} has a comma.", nameof(info)); }
        var parts = info.Addresses.Select(static address => address.ToString());
        if (info.Url is { } url) { parts = parts.Append(url); }
        if (info.Api is not null) { parts = parts.Append(info.Api.OriginalString); }
        var text = string.Join(',', parts);
        if (Encoding.UTF8.GetByteCount(text) > StatementBody.MaxControlPlaneAddress)
        {
            throw new ArgumentException($"Where a control plane is takes at most {StatementBody.MaxControlPlaneAddress} bytes: name fewer addresses.", nameof(info));
        }
        return new(info.Id, text);
    }

    private static bool IsApi(string text, [NotNullWhen(true)] out Uri? api)
    {
        api = null;
        return text.StartsWith("https://", StringComparison.Ordinal) && !text.Contains(',', StringComparison.Ordinal)
            && Uri.TryCreate(text, UriKind.Absolute, out api) && api.UserInfo.Length == 0;
    }
}
