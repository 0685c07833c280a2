using System.Globalization;

namespace Coco.Traversal.Finding;

/// <summary>A range of addresses, written as <c>192.0.2.0/24</c> or <c>2001:db8::/32</c>.</summary>
public readonly record struct AddressPrefix
{
    /// <summary>A range.</summary>
    /// <param name="address">Any address of it; the port is not looked at.</param>
    /// <param name="length">Bits that all addresses of it share: from 0 to 32 or 128.</param>
    public AddressPrefix(NetworkAddress address, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, address.IsIpv4 ? 32 : 128);
        (Address, Length) = (address.WithPort(0), length);
    }

    /// <summary>An address of the range.</summary>
    public NetworkAddress Address { get; }

    /// <summary>Bits that all addresses of it share.</summary>
    public int Length { get; }

    /// <summary>Reads an address, a slash and a number of bits.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out AddressPrefix prefix)
    {
        prefix = default;
        var slash = text.IndexOf('/');
        if (slash < 0 || !int.TryParse(text[(slash + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var length)) { return false; }
        if (!NetworkAddress.TryParseHost(text[..slash], out var address) || length > (address.IsIpv4 ? 32 : 128)) { return false; }
        prefix = new(address, length);
        return true;
    }

    /// <summary>Whether an address lies in the range.</summary>
    public bool Contains(in NetworkAddress address) => Address.SharesPrefix(address, Length);

    /// <inheritdoc/>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Address.HostText}/{Length}");
}
