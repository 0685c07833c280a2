namespace Coco.Traversal.PortMapping;

/// <summary>
/// An HTTP request the host has to make: to this very address, without a look-up of names, without following a redirection, and with
/// an answer read no further than <see cref="PortMapperOptions.MaxHttpBody"/>. It is answered once, by
/// <see cref="PortMapper.HandleResponse"/>.
/// </summary>
/// <param name="Number">The number to answer under.</param>
/// <param name="Local">Our address to connect from.</param>
/// <param name="Server">Where to.</param>
/// <param name="Path">Path and query, printable ASCII that begins with a slash.</param>
/// <param name="SoapAction">The action's full name for a POST; null for a GET.</param>
/// <param name="Body">The XML of a POST.</param>
internal sealed record MapperRequest(int Number, NetworkAddress Local, NetworkAddress Server, string Path, string? SoapAction, string Body);
