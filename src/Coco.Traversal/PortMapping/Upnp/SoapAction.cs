namespace Coco.Traversal.PortMapping.Upnp;

/// <summary>Actions of WANIPConnection and WANPPPConnection that we use.</summary>
internal static class SoapAction
{
    public const string GetExternalIPAddress = nameof(GetExternalIPAddress);
    public const string GetSpecificPortMappingEntry = nameof(GetSpecificPortMappingEntry);
    public const string AddPortMapping = nameof(AddPortMapping);
    public const string AddAnyPortMapping = nameof(AddAnyPortMapping);
    public const string DeletePortMapping = nameof(DeletePortMapping);

    /// <summary>The value of the SOAPACTION header, with its quotes.</summary>
    public static string Header(string serviceType, string action) => $"\"{serviceType}#{action}\"";
}
