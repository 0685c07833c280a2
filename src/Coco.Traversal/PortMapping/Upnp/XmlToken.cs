namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>What <see cref="XmlScanner"/> found.</summary>
internal enum XmlToken
{
    /// <summary>The end, or something that is no XML we read.</summary>
    None,

    /// <summary>A start tag.</summary>
    Start,

    /// <summary>An end tag.</summary>
    End,

    /// <summary>Character data.</summary>
    Text,
}
