using System.Diagnostics.CodeAnalysis;
using Coco.Crypto;
using Coco.Traversal;
using Coco.Traversal.Relays;

namespace Coco.Cli;

/// <summary>A relay on the command line: <c>NodeId@192.0.2.1:443,[2001:db8::1]:443,wss://relay.example</c>.</summary>
internal static class RelayArgument
{
    public static bool TryParse(string text, [NotNullWhen(true)] out RelayInfo? relay)
    {
        relay = null;
        var at = text.IndexOf('@', StringComparison.Ordinal);
        if (at < 0 || !NodeId.TryParse(text.AsSpan(0, at), out var id) || id.IsDefault) { return false; }
        var addresses = new List<NetworkAddress>();
        string? url = null;
        foreach (var part in text[(at + 1)..].Split(','))
        {
            if (NetworkAddress.TryParse(part, out var address) && address.IsSendable) { addresses.Add(address); }
            else if (url is null && RelayInfo.IsUrl(part)) { url = part; }
            else { return false; }
        }
        if (addresses.Count > RelayInfo.MaxAddresses) { return false; }
        relay = new(id, addresses, url);
        return true;
    }

    public static string Write(RelayInfo relay) =>
        $"{relay.Id}@{string.Join(',', relay.Addresses.Select(address => address.ToString()).Concat(relay.Url is { } url ? [url] : []))}";
}
