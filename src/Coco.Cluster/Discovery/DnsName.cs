using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Coco.Cluster.Discovery;

/// <summary>A domain name as labels, at most 255 bytes on the wire (RFC 1035 §3.1). Compared without regard to ASCII case (RFC 6762 §16).</summary>
internal sealed class DnsName : IEquatable<DnsName>
{
    public const int MaxLength = 255;
    public const int MaxLabelLength = 63;

    private readonly byte[][] _labels;

    private DnsName(byte[][] labels) => _labels = labels;

    public IReadOnlyList<byte[]> Labels => _labels;

    /// <summary>Names such as "_coco._udp.local", for those a program was written with.</summary>
    public static DnsName Of(params string[] labels) => TryCreate([.. labels.Select(Encoding.UTF8.GetBytes)], out var name)
        ? name
        : throw new ArgumentException("A label has 1 to 63 bytes, a name 255.", nameof(labels));

    public static bool TryCreate(byte[][] labels, [NotNullWhen(true)] out DnsName? name)
    {
        var isValid = labels.All(label => label.Length is > 0 and <= MaxLabelLength) && labels.Sum(label => label.Length + 1) < MaxLength;
        name = isValid ? new(labels) : null;
        return isValid;
    }

    /// <summary>The first label, when the rest is <paramref name="parent"/>.</summary>
    public bool TryGetInstance(DnsName parent, [NotNullWhen(true)] out string? label)
    {
        label = null;
        if (_labels.Length != parent._labels.Length + 1 || !new DnsName(_labels[1..]).Equals(parent)) { return false; }
        label = Encoding.UTF8.GetString(_labels[0]);
        return true;
    }

    public bool Equals(DnsName? other)
    {
        if (other is null || other._labels.Length != _labels.Length) { return false; }
        for (var i = 0; i < _labels.Length; i++)
        {
            if (!Ascii.EqualsIgnoreCase(_labels[i], other._labels[i]) && !_labels[i].AsSpan().SequenceEqual(other._labels[i])) { return false; }
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as DnsName);

    public override int GetHashCode()
    {
        var hash = default(HashCode);
        foreach (var label in _labels)
        {
            foreach (var value in label) { hash.Add(value is >= (byte)'A' and <= (byte)'Z' ? value + 32 : value); }
            hash.Add(-1);
        }
        return hash.ToHashCode();
    }

    public override string ToString() => string.Join('.', _labels.Select(Encoding.UTF8.GetString));
}
