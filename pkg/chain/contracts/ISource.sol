// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {IOwnable} from "./IOwnable.sol";

/// @notice What a source offers and asks for.
/// @param client who publishes the source and its tasks
/// @param imageMetadataUrl URL of the metadata JSON: name, description, logo, and a compose file for each environment
/// @param imageEnvironments the bit-or of CPU = 1, NVIDIA = 2, AMD = 4
/// @param minPayment the least that a task must pay, in wei
/// @param minAvailableLockup the least that a provider must have locked up, in wei
/// @param maxExpiryDuration the longest that a task may run before it expires, in seconds
/// @param privacyEnabled false in every source that is known
/// @param optionalParamsUrl reserved, and empty today
/// @param deliveryMethod MANUAL_CONFIRMATION = 0, FIRST_RESPONSE = 1
/// @param lastUpdateTime when the contract last changed these, in seconds since 1970; what a caller passes is ignored
struct SourceParams {
    address client;
    string imageMetadataUrl;
    uint8 imageEnvironments;
    uint256 minPayment;
    uint256 minAvailableLockup;
    uint256 maxExpiryDuration;
    bool privacyEnabled;
    string optionalParamsUrl;
    uint8 deliveryMethod;
    uint256 lastUpdateTime;
}

/// @title One source of OpenGPU
/// @notice Nexus makes one such contract for each source that is published.
interface ISource is IOwnable {
    /// @return the source's parameters
    function getSourceParams() external view returns (SourceParams memory);

    /// @return the client that published the source
    function getClient() external view returns (address);

    /// @return ACTIVE = 0, INACTIVE = 1; a source that is inactive stays so
    function getStatus() external view returns (uint8);

    /// @return how many tasks were published against the source
    function getTaskCount() external view returns (uint256);

    /// @return how many providers registered to the source
    function getRegistrantCount() external view returns (uint256);

    /// @param lower index of the first provider
    /// @param upper index after the last provider
    /// @return the providers that registered; the zero address where there is none
    function getRegistrants(uint256 lower, uint256 upper) external view returns (address[] memory);

    /// @return the one environment that a provider registered with: CPU = 1, NVIDIA = 2, AMD = 4; 0 if it did not register
    function preferredEnvironmentOf(address provider) external view returns (uint8);

    /// @return the registry that the source belongs to
    function nexus() external view returns (address);

    /// @notice For the owner. Called here and not through Nexus, Nexus emits no event.
    /// @param params all of the new parameters
    function setSourceParams(SourceParams calldata params) external;

    /// @notice For the owner. Called here and not through Nexus, Nexus emits no event.
    /// @param status ACTIVE = 0, INACTIVE = 1
    function setStatus(uint8 status) external;

    /// @notice For the owner. The client in the parameters stays what it is.
    /// @param newOwner any address but zero
    function transferOwnership(address newOwner) external;
}
