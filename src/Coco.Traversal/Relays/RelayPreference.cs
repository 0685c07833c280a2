namespace Coco.Traversal.Relays;

/// <summary>What a relay is to a client.</summary>
internal enum RelayPreference : byte
{
    /// <summary>Where callers come first.</summary>
    Home,

    /// <summary>The warm second, for when the home fails.</summary>
    Secondary,
}
